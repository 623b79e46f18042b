import { refuse } from './refusal.js'

/** The input of an operation once its shape has been checked: members may still be absent or null. */
export type Input = Record<string, unknown>

const NAME = /^[A-Za-z0-9._+=,@-]+$/
const DEPLOYMENT_ID = /^d-[A-Z0-9]{9}$/
/** The maximum length of a description (docs/service.md, reference 4.5). */
const DESCRIPTION_MAX = 256

/** A string member, or undefined if it is absent, null or empty. */
export const text = (input: Input, member: string): string | undefined => {
  const value = input[member]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** A boolean member; false if it is absent. */
export const flag = (input: Input, member: string): boolean => input[member] === true

/** A structure member. */
export const structure = (input: Input, member: string): Input | undefined => {
  const value = input[member]
  return typeof value === 'object' && value !== null ? (value as Input) : undefined
}

/** A list of strings; empty if it is absent. */
export const texts = (input: Input, member: string): string[] => {
  const value = input[member]
  return Array.isArray(value) ? (value as string[]) : []
}

/**
 * A name of 1 to 100 characters that CodeDeploy accepts (docs/service.md, reference 4.5); otherwise throws one of that member's
 * two exceptions.
 */
export const nameOf = (
  input: Input,
  member: string,
  kind: 'Application' | 'DeploymentGroup' | 'DeploymentConfig'
): string => {
  const name = text(input, member)
  if (name === undefined) return refuse(`${kind}NameRequiredException`, `The ${member} is required.`)
  if (name.length > 100 || !NAME.test(name)) {
    return refuse(
      `Invalid${kind}NameException`,
      `The ${member} '${name}' is invalid: it takes 1 to 100 of the characters A-Z, a-z, 0-9 and ._+=,@-`
    )
  }
  return name
}

/** A deployment id in the service's format. */
export const deploymentIdOf = (input: Input): string => {
  const id = text(input, 'deploymentId')
  return id === undefined
    ? refuse('DeploymentIdRequiredException', 'The deploymentId is required.')
    : checkedId(id)
}

export const checkedId = (id: string): string =>
  DEPLOYMENT_ID.test(id)
    ? id
    : refuse('InvalidDeploymentIdException', `Specified DeploymentId is not in the valid format: ${id}`)

/** A description of at most 256 characters. */
export const descriptionOf = (input: Input): string | undefined => {
  const description = text(input, 'description')
  if (description !== undefined && description.length > DESCRIPTION_MAX) {
    return refuse(
      'DescriptionTooLongException',
      `Description length must be at most ${DESCRIPTION_MAX} characters, was ${description.length}.`
    )
  }
  return description
}

/** The items of a batch call: at least one and at most 25 (docs/service.md, reference 5). */
export const batchOf = (
  input: Input,
  member: string,
  limits: { most: number; required: string }
): string[] => {
  const words = texts(input, member)
  if (words.length === 0) return refuse(limits.required, `At least one of ${member} is required.`)
  if (words.length > limits.most) {
    return refuse(
      'BatchLimitExceededException',
      `Maximum number of ${member} is ${limits.most}, received ${words.length}.`
    )
  }
  return words
}
