/** A tag that instances have; without a value, whatever its value (API: EC2TagFilter). */
export interface FleetTag {
  key: string
  value?: string | undefined
}

/**
 * A fleet that exists before a deployment and survives it (API: TargetInstances). An instance belongs to `tags` if it has at least
 * one tag of each list (API: EC2TagSet).
 */
export type FixedFleet =
  { kind: 'auto-scaling-group'; name: string } | { kind: 'tags'; tags: readonly (readonly FleetTag[])[] }

/** The input that names fleets of each kind. */
export const GREEN_INPUTS = {
  'auto-scaling-group': 'green-auto-scaling-group',
  tags: 'green-tags'
} as const

/** As a person writes it: the name, or `Name=festival-green, stage=production`. */
export const fleetName = (fleet: FixedFleet): string =>
  fleet.kind === 'auto-scaling-group'
    ? fleet.name
    : fleet.tags.map((oneOf) => oneOf.map(tagText).join(' or ')).join(', ')

const tagText = ({ key, value }: FleetTag): string => (value === undefined ? key : `${key}=${value}`)

/** The order of tags means nothing. */
export const sameFleet = (one: FixedFleet, other: FixedFleet): boolean => keyOf(one) === keyOf(other)

const keyOf = (fleet: FixedFleet): string =>
  fleet.kind === 'auto-scaling-group'
    ? JSON.stringify(fleet.name)
    : JSON.stringify(fleet.tags.map((oneOf) => oneOf.map(tagText).sort()).sort())

/** A tag as the API takes it (API: EC2TagFilter). */
export const filterOf = ({ key, value }: FleetTag): { Key: string; Value?: string; Type: string } =>
  value === undefined ? { Key: key, Type: 'KEY_ONLY' } : { Key: key, Value: value, Type: 'KEY_AND_VALUE' }
