import { ServiceError } from '../contract.js'
import type { Faults } from '../faults.js'
import type { Answer, Call, RequestRecord } from './call.js'

const json = (value: unknown): Answer => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value)
})

const plan = (call: Call, faults: Faults): Answer => {
  const specs = call.body
    .toString('utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  try {
    for (const spec of specs) faults.add(spec)
  } catch (error) {
    throw new ServiceError('BadFault', error instanceof Error ? error.message : String(error))
  }
  return json(shown(faults))
}

const shown = (faults: Faults): unknown[] =>
  faults.list().map((fault) => ({ ...fault, left: fault.left === Infinity ? 'forever' : fault.left }))

/**
 * The cloud's own endpoint for tests and people: `GET /_cloud/requests`, `GET /_cloud/faults`, `POST /_cloud/faults` with one
 * spec per line, `DELETE /_cloud/faults`. It needs no authentication, because it only listens on loopback.
 */
export const serveControl = (
  call: Call,
  { faults, requests }: { faults: Faults; requests: () => readonly RequestRecord[] }
): Answer => {
  const asked = `${call.request.method ?? ''} ${call.operation}`
  if (asked === 'GET requests') return json(requests())
  if (asked === 'GET faults') return json(shown(faults))
  if (asked === 'POST faults') return plan(call, faults)
  if (asked !== 'DELETE faults') throw new ServiceError('NotFound', `There is no ${asked} here.`, 404)
  faults.clear()
  return json([])
}
