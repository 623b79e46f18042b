import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import * as codedeploy from '@aws-sdk/client-codedeploy'
import * as sts from '@aws-sdk/client-sts'
import ts from 'typescript'
import { explained } from '../../src/domain/refusal.js'
import { UserError } from '../../src/errors.js'

const SOURCE = join(import.meta.dirname, '../../src')

interface Said {
  place: string
  message: string
  hint: string
}

const newErrors = (node: ts.Node, file: ts.SourceFile): Said[] => {
  const own =
    ts.isNewExpression(node) && /^(UserError|Canceled)$/.test(node.expression.getText(file))
      ? [saidBy(node, file)]
      : []
  const inner: Said[] = []
  node.forEachChild((child) => void inner.push(...newErrors(child, file)))
  return [...own, ...inner]
}

const saidBy = (node: ts.NewExpression, file: ts.SourceFile): Said => {
  const { line } = file.getLineAndCharacterOfPosition(node.getStart(file))
  const [message = '', hint = ''] = (node.arguments ?? []).map((argument) => argument.getText(file))
  return { place: `${file.fileName}:${line + 1}`, message, hint }
}

const said = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .flatMap((name) => {
    const file = ts.createSourceFile(
      name,
      readFileSync(join(SOURCE, name), 'utf8'),
      ts.ScriptTarget.Latest,
      true
    )
    return newErrors(file, file)
  })

/** A sentence written here, or one built elsewhere. */
const isSentence = (text: string): boolean =>
  !/^['"`]/.test(text) || (text.length > 20 && /\s/.test(text) && /^['"`](?:[A-Z$`]|\\`|aws )/.test(text))

describe('every refusal of the action', () => {
  test('there are some', () => {
    expect(said.length).toBeGreaterThan(30)
  })

  test.each(said.map(({ place, message, hint }) => [place, message, hint]))(
    '%s says what happened and what to do next',
    (_, message, hint) => {
      expect(message).not.toMatch(/^['"`]\w*(Exception|Error)['"`]$/)
      expect([isSentence(message), message]).toEqual([true, message])
      expect(hint).not.toBe('')
      expect([isSentence(hint), hint]).toEqual([true, hint])
    }
  )
})

/** The exceptions in the SDK, and names that services send for which it has no class. */
const NAMES = [
  ...Object.keys(codedeploy).filter((name) => name.endsWith('Exception')),
  ...Object.keys(sts).filter((name) => name.endsWith('Exception')),
  ...[
    'AccessDenied',
    'InvalidAccessKeyId',
    'SignatureDoesNotMatch',
    'NoSuchBucket',
    'SlowDown',
    'Throttling',
    'InternalError'
  ]
]

describe('every exception of a service', () => {
  test.each(NAMES)('%s is reported with its message, its name, its call and what to do', (name) => {
    const thrown = Object.assign(new Error('words of the service.'), {
      ...{ name, operation: 'CreateDeployment', $metadata: { httpStatusCode: 400 } }
    })
    const error = explained(thrown)
    expect(error).toBeInstanceOf(UserError)
    const { message, hint } = error as UserError
    for (const part of ['words of the service', name, 'CreateDeployment', '400'])
      expect(message).toContain(part)
    expect(hint).toMatch(/[A-Z].{20,}\./)
  })

  test.each([
    ['ECONNRESET', Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })],
    [
      'ENOTFOUND',
      Object.assign(new Error('getaddrinfo ENOTFOUND codedeploy.nowhere.amazonaws.com'), {
        code: 'ENOTFOUND'
      })
    ],
    [
      'HTTP 503',
      Object.assign(new Error('UnknownError'), { name: 'Unknown', $metadata: { httpStatusCode: 503 } })
    ]
  ])('%s, which has no message from a service, is reported with what is known', (known, thrown) => {
    const error = explained(thrown)
    expect(error).toBeInstanceOf(UserError)
    expect((error as UserError).message).toContain(known)
    expect((error as UserError).hint).toContain('Run the job again')
  })
})
