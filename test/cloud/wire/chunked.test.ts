import { text } from 'node:stream/consumers'
import { Readable } from 'node:stream'
import { describe, expect, test } from '@jest/globals'
import { ChunkedBody, type ChunkKey } from './chunked.js'
import { signingKey } from './signature.js'

// The example from the S3 API reference, "Signature calculations … transferring payload in multiple chunks".
const scope = '20130524/us-east-1/s3/aws4_request'
const example: ChunkKey = {
  key: signingKey('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', scope),
  date: '20130524T000000Z',
  scope,
  seed: '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9'
}
const signatures = [
  'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648',
  '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
  'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9'
]
const signedBody = (fill = 'a'): string =>
  `10000;chunk-signature=${signatures[0] ?? ''}\r\n${fill.repeat(65_536)}\r\n` +
  `400;chunk-signature=${signatures[1] ?? ''}\r\n${'a'.repeat(1024)}\r\n` +
  `0;chunk-signature=${signatures[2] ?? ''}\r\n\r\n`

const sliced = (body: string, size: number): Readable =>
  Readable.from(
    Array.from({ length: Math.ceil(body.length / size) }, (_, i) =>
      Buffer.from(body.slice(i * size, (i + 1) * size))
    )
  )

const unwrap = (
  body: string,
  size: number,
  key?: ChunkKey
): { body: ChunkedBody; content: Promise<string> } => {
  const chunked = sliced(body, size).pipe(new ChunkedBody(key))
  return { body: chunked, content: text(chunked) }
}

describe('an aws-chunked body', () => {
  test.each([1, 7, 1000, 100_000])(
    'of the S3 API reference is verified, arriving %i bytes at a time',
    async (size) => {
      expect(await unwrap(signedBody(), size, example).content).toBe('a'.repeat(66_560))
    }
  )

  test('with other content is refused', async () => {
    await expect(unwrap(signedBody('b'), 1000, example).content).rejects.toMatchObject({
      code: 'SignatureDoesNotMatch'
    })
  })

  test.each([1, 3, 1000])(
    'without signatures has its trailers, arriving %i bytes at a time',
    async (size) => {
      const { body, content } = unwrap(
        '5\r\nhello\r\n1\r\n!\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n',
        size
      )
      expect(await content).toBe('hello!')
      expect(body.trailers).toEqual({ 'x-amz-checksum-crc32': 'NhCmhg==' })
    }
  )

  test.each([
    ['cut in a chunk', '5\r\nhel'],
    ['cut before the trailer', '5\r\nhello\r\n0\r\n'],
    ['with an invalid size', 'zz\r\nhello\r\n']
  ])('%s is refused', async (_name, body) => {
    await expect(unwrap(body, 4).content).rejects.toMatchObject({ code: 'IncompleteBody' })
  })
})
