import {
  GetObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandInput,
  type HeadObjectCommandOutput,
  type S3Client
} from '@aws-sdk/client-s3'
import { factsOf } from '../domain/fault.js'

/** A wrong or expired credential, a clock that is off, a policy: S3 says which only in a body, and HEAD has none. */
const MUTE = new Set([400, 403])

/**
 * HeadObject whose refusals have words: a 400 or 403 (API: HeadObject, "a generic code, no exception can be determined") is
 * asked about once more by reading one byte, which needs the same permission.
 */
export const headObject = async (
  client: S3Client,
  input: HeadObjectCommandInput,
  options: { abortSignal?: AbortSignal } = {}
): Promise<HeadObjectCommandOutput> => {
  try {
    return await client.send(new HeadObjectCommand(input), options)
  } catch (error) {
    if (!MUTE.has(factsOf(error).httpStatus ?? 0)) throw error
    await readOneByte(client, input, options)
    // It is answered: what was refused a moment ago is not anymore.
    throw Object.assign(new Error('HeadObject was refused, but the object can be read'), {
      name: 'RequestTimeout'
    })
  }
}

const readOneByte = async (
  client: S3Client,
  input: HeadObjectCommandInput,
  options: { abortSignal?: AbortSignal }
): Promise<void> => {
  const { Body } = await client.send(new GetObjectCommand({ ...input, Range: 'bytes=0-0' }), options)
  await Body?.transformToByteArray()
}
