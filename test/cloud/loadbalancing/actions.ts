import { ServiceError, type Reply, type TargetGroupPlane, type Visit } from '../contract.js'
import { flag, form, forms, number, required, text, type Form } from '../autoscaling/query.js'
import type { Action, Share } from './model.js'

const wrong = (message: string): ServiceError => new ServiceError('ValidationError', message)

/** An action has at most so many target groups (quota of an Application Load Balancer, which cannot be raised). */
const MOST_GROUPS = 5

const sharesOf = (given: Form): Share[] => {
  const config = form(given, 'ForwardConfig')
  const [one, shares] = [text(given, 'TargetGroupArn'), forms(config ?? {}, 'TargetGroups')]
  const all = shares.map((share) => ({
    arn: required(share, 'TargetGroupArn'),
    weight: number(share, 'Weight') ?? 1
  }))
  if (one !== undefined && all.length > 0 && (all.length > 1 || all[0]?.arn !== one))
    throw wrong('You can specify both a target group ARN and a forward config only if they agree')
  const groups = all.length > 0 ? all : one === undefined ? [] : [{ arn: one, weight: 1 }]
  if (groups.length === 0) throw wrong('A target group ARN must be specified')
  if (groups.length > MOST_GROUPS)
    throw wrong(`A forward action can have at most '${MOST_GROUPS}' target groups`)
  if (new Set(groups.map(({ arn }) => arn)).size < groups.length)
    throw wrong('A forward action must not name a target group twice')
  for (const { weight } of groups)
    if (weight < 0 || weight > 999)
      throw wrong(`The weight '${weight}' of a target group must be between 0 and 999`)
  return groups
}

const stickinessOf = (given: Form): { stickinessSeconds?: number } => {
  const config = form(form(given, 'ForwardConfig') ?? {}, 'TargetGroupStickinessConfig') ?? {}
  return flag(config, 'Enabled') ? { stickinessSeconds: number(config, 'DurationSeconds') ?? 3600 } : {}
}

const fixedOf = (given: Form): Action => {
  const config = form(given, 'FixedResponseConfig') ?? {}
  const status = required(config, 'StatusCode')
  if (!/^[245]\d\d$/.test(status)) throw wrong(`The status code '${status}' must be 2XX, 4XX or 5XX`)
  const body = text(config, 'MessageBody')
  if ((body ?? '').length > 1024) throw wrong('The message body has more than 1024 characters')
  return { type: 'fixed-response', status, contentType: text(config, 'ContentType'), body }
}

const redirectOf = (given: Form): Action => {
  const config = form(given, 'RedirectConfig') ?? {}
  const status = required(config, 'StatusCode')
  if (status !== 'HTTP_301' && status !== 'HTTP_302')
    throw wrong(`The status code '${status}' must be one of '[HTTP_301, HTTP_302]'`)
  return {
    ...{ type: 'redirect', status },
    protocol: text(config, 'Protocol') ?? '#{protocol}',
    host: text(config, 'Host') ?? '#{host}',
    port: text(config, 'Port') ?? '#{port}',
    path: text(config, 'Path') ?? '/#{path}',
    query: text(config, 'Query') ?? '#{query}'
  }
}

/** The action of a request: exactly one that ends it, since this cloud authenticates nobody (API: Action). */
export const readAction = (input: Form, member: 'Actions' | 'DefaultActions'): Action => {
  const given = forms(input, member)
  const [only] = given
  if (only === undefined || given.length > 1)
    throw new ServiceError(
      given.length > 1 ? 'TooManyActions' : 'ValidationError',
      'An action of type forward, redirect or fixed-response must be specified, and only one'
    )
  const type = required(only, 'Type')
  switch (type) {
    case 'forward':
      return { type, groups: sharesOf(only), ...stickinessOf(only) }
    case 'fixed-response':
      return fixedOf(only)
    case 'redirect':
      return redirectOf(only)
    default:
      throw new ServiceError('InvalidLoadBalancerAction', `The action type '${type}' is not simulated`)
  }
}

/** Action of the API; a forward to one group also says its ARN in the old place. */
export const actionAnswer = (action: Action): object => {
  switch (action.type) {
    case 'forward':
      return {
        Type: action.type,
        Order: 1,
        TargetGroupArn: action.groups.length === 1 ? action.groups[0]?.arn : undefined,
        ForwardConfig: {
          TargetGroups: action.groups.map(({ arn, weight }) => ({ TargetGroupArn: arn, Weight: weight })),
          TargetGroupStickinessConfig: {
            Enabled: action.stickinessSeconds !== undefined,
            DurationSeconds: action.stickinessSeconds
          }
        }
      }
    case 'fixed-response':
      return {
        ...{ Type: action.type, Order: 1 },
        FixedResponseConfig: {
          ...{ StatusCode: action.status, ContentType: action.contentType, MessageBody: action.body }
        }
      }
    case 'redirect':
      return {
        ...{ Type: action.type, Order: 1 },
        RedirectConfig: {
          ...{ Protocol: action.protocol, Port: action.port, Host: action.host },
          ...{ Path: action.path, Query: action.query, StatusCode: action.status }
        }
      }
  }
}

/** Shares in turn, as their weights say: in any row of requests as long as the sum of the weights, each gets its weight. */
export const rotation = (groups: readonly Share[]): (() => string | undefined) => {
  const current = new Map(groups.map(({ arn }) => [arn, 0]))
  const sum = groups.reduce((total, { weight }) => total + weight, 0)
  return () => {
    let chosen: string | undefined
    for (const { arn, weight } of groups) {
      const value = (current.get(arn) ?? 0) + weight
      current.set(arn, value)
      if (weight > 0 && (chosen === undefined || value > (current.get(chosen) ?? 0))) chosen = arn
    }
    if (chosen !== undefined) current.set(chosen, (current.get(chosen) ?? 0) - sum)
    return chosen
  }
}

/** What a load balancer answers itself when no target group gets any request. */
export const UNAVAILABLE: Reply = {
  ...{ type: 'fixed-response', status: 503, contentType: 'text/html' },
  body: '<html>\n<head><title>503 Service Temporarily Unavailable</title></head>\n<body>\n<center><h1>503 Service Temporarily Unavailable</h1></center>\n</body>\n</html>\n'
}

const redirected = (action: Action & { type: 'redirect' }, visit: Visit, url: string): string => {
  const here = new URL(url)
  const words: Record<string, string> = {
    protocol: here.protocol.replace(':', ''),
    host: visit.host,
    port: here.port === '' ? '80' : here.port,
    path: visit.path.slice(1),
    query: new URLSearchParams(visit.query.map(([key, value]): [string, string] => [key, value])).toString()
  }
  const said = (text: string): string =>
    text.replace(/#\{(\w+)\}/g, (whole, name: string) => words[name] ?? whole)
  const query = said(action.query)
  return `${said(action.protocol).toLowerCase()}://${said(action.host)}:${said(action.port)}${said(action.path)}${query === '' ? '' : `?${query}`}`
}

/** What a request gets from an action of the listener at `url`. */
export const replyOf = (
  action: Action,
  visit: Visit,
  { url, next }: { url: string; next: () => TargetGroupPlane | undefined }
): Reply => {
  switch (action.type) {
    case 'forward': {
      const group = next()
      return group === undefined ? UNAVAILABLE : { type: 'forward', group }
    }
    case 'fixed-response':
      return {
        ...{ type: 'fixed-response', status: Number(action.status) },
        ...{ contentType: action.contentType ?? 'text/plain', body: action.body ?? '' }
      }
    case 'redirect':
      return {
        ...{ type: 'redirect', status: action.status === 'HTTP_301' ? 301 : 302 },
        location: redirected(action, visit, url)
      }
  }
}
