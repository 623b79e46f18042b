import type { Context } from './policy.js'

/** Tags of a request as the conditions of policies see them: `aws:RequestTag/KEY` and `aws:TagKeys`, absent without tags. */
export const requestTags = (tags: ReadonlyMap<string, string>): Context =>
  tags.size === 0 ? {} : { ...withPrefix('aws:RequestTag', tags), 'aws:TagKeys': [...tags.keys()] }

/** Tags of a resource as the conditions of policies see them: `aws:ResourceTag/KEY`, and the service's own key. */
export const resourceTags = (service: string, tags: ReadonlyMap<string, string> = new Map()): Context => ({
  ...withPrefix('aws:ResourceTag', tags),
  ...(service === '' ? {} : withPrefix(`${service}:ResourceTag`, tags))
})

const withPrefix = (prefix: string, tags: ReadonlyMap<string, string>): Record<string, string> =>
  Object.fromEntries([...tags].map(([key, value]) => [`${prefix}/${key}`, value]))

/** Tags of a form or of JSON, as they come: nobody has checked them yet. */
export const givenTags = (given: unknown): Map<string, string> =>
  new Map(
    (Array.isArray(given) ? (given as Record<string, unknown>[]) : []).flatMap((tag) =>
      typeof tag['Key'] === 'string'
        ? [[tag['Key'], typeof tag['Value'] === 'string' ? tag['Value'] : '']]
        : []
    )
  )
