import { expect, test } from '@jest/globals'
import { feeder } from '../../src/concurrency.js'

/** Jobs that finish when the test says so. */
const work = (jobs: number[], most: number) => {
  const open = new Map<number, { done: () => void; fail: (error: Error) => void }>()
  const feed = feeder(
    () => jobs.shift(),
    (job) => new Promise<void>((resolve, reject) => open.set(job, { done: resolve, fail: reject })),
    most
  )
  const settled = () => new Promise(setImmediate)
  return {
    feed,
    started: () => [...open.keys()],
    done: (job: number) => (open.get(job)?.done(), settled()),
    fail: (job: number) => (open.get(job)?.fail(new Error(`job ${job}`)), settled())
  }
}

test('no more than the limit run at once, including jobs that are added later', async () => {
  const jobs = [1, 2, 3]
  const { feed, started, done } = work(jobs, 2)
  feed.feed()
  expect(started()).toEqual([1, 2])
  await done(2)
  expect(started()).toEqual([1, 2, 3])
  await done(1)
  jobs.push(4)
  feed.feed()
  expect(started()).toEqual([1, 2, 3, 4])
  const drained = feed.drained()
  await done(3)
  await done(4)
  await expect(drained).resolves.toBeUndefined()
})

test('after a failure no more jobs start, and it is reported once the running ones are done', async () => {
  const { feed, started, done, fail } = work([1, 2, 3], 2)
  feed.feed()
  await fail(1)
  expect(started()).toEqual([1, 2])
  const drained = expect(feed.drained()).rejects.toThrow('job 1')
  await done(2)
  await drained
})
