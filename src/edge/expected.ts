import { factsOf } from '../domain/fault.js'

/** The clients call the service's `RuleNotFound` `RuleNotFoundException`, and EC2's and Auto Scaling's errors by other names again. */
const isNamed = (error: unknown, names: readonly string[]): boolean =>
  names.includes(factsOf(error).name.replace(/(Exception|Fault)$/, ''))

/** The answer, or undefined when the service says one of these. */
export const unless = async <T>(answer: Promise<T>, ...names: string[]): Promise<T | undefined> => {
  try {
    return await answer
  } catch (error) {
    if (isNamed(error, names)) return undefined
    throw error
  }
}

/** Whether something was made: false when the name is taken, by another run or by this call, whose first answer was lost. */
export const unlessNamed = async (answer: Promise<unknown>, taken: string): Promise<boolean> =>
  (await unless(
    answer.then(() => true),
    taken
  )) ?? false
