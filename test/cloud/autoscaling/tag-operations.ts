import type { QueryOperations } from '../contract.js'
import type { Fleets } from './fleets.js'
import { tagAnswer } from './group-answer.js'
import { readTags } from './definition.js'
import { groupOf } from './named-group.js'
import { forms, number, paged, required, text, texts, type Form } from './query.js'

const tag = (fleets: Fleets, input: Form): object => {
  forms(input, 'Tags').forEach((given, index) => {
    const group = groupOf(fleets, required(given, 'ResourceId'))
    const added = readTags(input)[index]
    if (added !== undefined) group.tags = [...group.tags.filter((one) => one.key !== added.key), added]
  })
  return {}
}

const describeTags = (fleets: Fleets, input: Form): object => {
  const wanted = new Map(
    forms(input, 'Filters').map((filter) => [text(filter, 'Name') ?? '', texts(filter, 'Values')])
  )
  const fits = (name: string, value: string): boolean => wanted.get(name)?.includes(value) ?? true
  const found = fleets
    .all()
    .flatMap((group) =>
      group.tags
        .filter(
          (one) => fits('auto-scaling-group', group.name) && fits('key', one.key) && fits('value', one.value)
        )
        .map((one) => tagAnswer(group.name, one))
    )
  const { page, next } = paged(found, text(input, 'NextToken'), number(input, 'MaxRecords') ?? 50)
  return { Tags: page, NextToken: next }
}

/** Tags of groups: set, delete and find. */
export const tagOperations = (fleets: Fleets): QueryOperations => ({
  CreateOrUpdateTags: (input) => tag(fleets, input),
  DeleteTags: (input) => {
    for (const given of forms(input, 'Tags')) {
      const group = groupOf(fleets, required(given, 'ResourceId'))
      group.tags = group.tags.filter(({ key }) => key !== required(given, 'Key'))
    }
    return {}
  },
  DescribeTags: (input) => describeTags(fleets, input)
})
