import { ServiceError } from '../contract.js'

/** What a refused call lacked. */
export interface Refused {
  principal: string
  action: string
  resource: string
}

/** A refusal as EC2 shows it, which only DecodeAuthorizationMessage makes readable. */
export const encodedMessage = (refused: Refused): string =>
  Buffer.from(JSON.stringify(refused)).toString('base64url')

/** DecodeAuthorizationMessage's answer (API: STS), or its refusal of a text that is no such message. */
export const decodedMessage = (encoded: string): { DecodedMessage: string } => {
  try {
    const { principal, action, resource } = JSON.parse(
      Buffer.from(encoded, 'base64url').toString('utf8')
    ) as Refused
    const context = { principal: { arn: principal }, action, resource, conditions: { items: [] } }
    const none = { items: [] }
    return {
      DecodedMessage: JSON.stringify({
        ...{ allowed: false, explicitDeny: false, matchedStatements: none, failures: none },
        context
      })
    }
  } catch {
    throw new ServiceError('InvalidAuthorizationMessageException', 'Decoding failed: the message is invalid.')
  }
}
