import { ServiceError } from '../contract.js'
import { forms, required, text, type Form } from '../autoscaling/query.js'

/** The tags of a request (API: Tag): keys of 1 to 128 characters once each, values up to 256, none that AWS keeps for itself. */
export const readTags = (input: Form): Map<string, string> => {
  const tags = new Map<string, string>()
  for (const tag of forms(input, 'Tags')) {
    const [key, value] = [required(tag, 'Key'), text(tag, 'Value') ?? '']
    if (tags.has(key))
      throw new ServiceError('DuplicateTagKeys', `Tag keys must be unique, '${key}' is given twice`)
    if (key.length > 128 || value.length > 256 || key.startsWith('aws:'))
      throw new ServiceError('ValidationError', `The tag '${key}' is not valid`)
    tags.set(key, value)
  }
  checkCount(tags)
  return tags
}

/** At most 50 tags (quota of ELB). */
export const checkCount = (tags: ReadonlyMap<string, string>): void => {
  if (tags.size > 50)
    throw new ServiceError('TooManyTags', `A resource has at most 50 tags, not ${tags.size}`)
}

/** Tags as the API lists them. */
export const tagsAnswer = (tags: ReadonlyMap<string, string>): object[] =>
  [...tags].map(([Key, Value]) => ({ Key, Value }))
