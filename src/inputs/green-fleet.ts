import type { FixedFleet, FleetTag } from '../domain/fixed-fleet.js'
import type { InputReader } from './reader.js'

/** Names of Auto Scaling groups have up to 255 characters, and no colon (API: CreateAutoScalingGroup). */
const GROUP = /^[^:,\s][^:,\r\n]{0,254}$/
/** CodeDeploy combines at most three tags (API: TagSetListLimitExceededException). */
const MOST_TAGS = 3
const MOST_KEY = 128
const MOST_VALUE = 256
const ONE_OR_BOTH = 'a group has two fleets that take turns, so name one or both'

/** The existing fleets that a deployment may go to; empty for a group that copies its own, or deploys in place. */
export const greenFleets = (reader: InputReader): FixedFleet[] => {
  const groups = fromGroups(reader)
  const tagged = fromTags(reader)
  if (groups.length > 0 && tagged.length > 0)
    reader.wrong(
      'green-tags',
      reader.raw('green-tags'),
      '`green-auto-scaling-group` is set too; name the green fleet in one of the two'
    )
  return groups.length > 0 ? groups : tagged
}

const fromGroups = (reader: InputReader): FixedFleet[] => {
  const names = [
    ...new Set(
      reader.list('green-auto-scaling-group', GROUP, 'the name of an Auto Scaling group, or two of them')
    )
  ]
  if (names.length > 2)
    reader.wrong(
      'green-auto-scaling-group',
      reader.raw('green-auto-scaling-group'),
      `has ${names.length} names; ${ONE_OR_BOTH}`
    )
  return names.map((name) => ({ kind: 'auto-scaling-group', name }))
}

/** One fleet a line; an instance belongs to it if it has all the tags of the line. */
const fromTags = (reader: InputReader): FixedFleet[] => {
  const text = reader.raw('green-tags')
  const fleets = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  if (fleets.length > 2)
    reader.wrong('green-tags', text, `has ${fleets.length} lines, one for each fleet; ${ONE_OR_BOTH}`)
  return fleets.map((line) => ({ kind: 'tags', tags: tagsOf(line, reader).map((tag) => [tag]) }))
}

const tagsOf = (line: string, reader: InputReader): FleetTag[] => {
  const tags = line
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part): FleetTag => {
      const at = part.indexOf('=')
      const tag = { key: part.slice(0, Math.max(0, at)).trim(), value: part.slice(at + 1).trim() }
      if (tag.key === '' || tag.key.length > MOST_KEY || tag.value.length > MOST_VALUE)
        reader.wrong('green-tags', part, 'expected tags such as `Name=festival-green, stage=production`')
      return tag
    })
  if (tags.length > MOST_TAGS)
    reader.wrong('green-tags', line, `has ${tags.length} tags; CodeDeploy combines at most ${MOST_TAGS}`)
  return tags
}
