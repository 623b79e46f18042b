import { documentedTrust } from '../cloud/identity/documents.js'
import type { TrustPolicy } from '../cloud/identity/trust.js'
import { PLACE, RUN } from '../cloud/parts.js'
import { play } from './play.js'
import { SCENARIOS } from './scenarios.js'

const FORMS = ['names', 'names-and-ids'] as const
type Form = (typeof FORMS)[number]

type Conditions = Record<string, Record<string, string | string[]>>

/** Every value of every condition, with the policy in which that value is changed. */
const replacements = (trust: TrustPolicy): { value: string; changed: TrustPolicy }[] => {
  const conditions: Conditions = trust.Statement[0]?.Condition ?? {}
  const values = Object.values(conditions).flatMap((keys) => Object.values(keys).flat())
  return values.map((value) => ({
    value,
    changed: JSON.parse(JSON.stringify(trust).replace(JSON.stringify(value), '"another"')) as TrustPolicy
  }))
}

/** Its role has every right that it needs, so only the trust policy can refuse it. */
const deploy = SCENARIOS.find(({ name }) => name === 'deploy')

/** Deploys from a repository that sends this form of the subject; returns the problem, or undefined if there is none. */
const deployAs = async (form: Form, trust?: TrustPolicy): Promise<{ log: string } | undefined> => {
  if (deploy === undefined) throw new Error('there is no scenario "deploy"')
  const { broken, log } = await play(deploy, (cloud) => {
    cloud.switches.subject = form
    if (trust !== undefined) cloud.role.trust = trust
  })
  return broken === undefined ? undefined : { log }
}

/** The same check for the trust policy: a repository of one form or the other needs each value of its conditions. */
export const checkTrust = async (): Promise<string[]> => {
  const problems: string[] = []
  for (const form of FORMS)
    if ((await deployAs(form)) !== undefined)
      problems.push(`docs/iam/trust-policy.json refuses a subject in the form ${form}.`)
  for (const { value, changed } of replacements(documentedTrust(PLACE.accountId, RUN))) {
    const refused = (await Promise.all(FORMS.map((form) => deployAs(form, changed)))).filter(
      (one) => one !== undefined
    )
    if (refused.length === 0) problems.push(`Nothing needs ${value} of docs/iam/trust-policy.json.`)
    for (const { log } of refused)
      if (!log.includes(value) || !log.includes('docs/iam/trust-policy.json'))
        problems.push(`Without ${value} in docs/iam/trust-policy.json the log does not name it:\n${log}`)
    console.log(`${value} (trust-policy.json): ${refused.length} of ${FORMS.length} forms refused`)
  }
  return problems
}
