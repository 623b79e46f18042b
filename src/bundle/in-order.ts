/**
 * Runs jobs with some of them ahead, and gives the answers in the order of the jobs. A job is only taken from `jobs` when
 * there is room for it, so what lies in memory is bounded by `ahead`.
 */
export async function* inOrder<Job, Answer>(
  jobs: Iterable<Job>,
  run: (job: Job) => Promise<Answer>,
  ahead: number
): AsyncGenerator<{ job: Job; answer: Answer }> {
  const open: { job: Job; answer: Promise<Answer> }[] = []
  const next = async () => {
    const first = open.shift()
    return first === undefined ? undefined : { job: first.job, answer: await first.answer }
  }
  for (const job of jobs) {
    const answer = run(job)
    // Its failure is told when its turn comes; until then it must not count as unhandled.
    answer.catch(() => undefined)
    open.push({ job, answer })
    const done = open.length > ahead ? await next() : undefined
    if (done !== undefined) yield done
  }
  for (let done = await next(); done !== undefined; done = await next()) yield done
}
