import { closeSync, openSync, readSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { deflateRawSync } from 'node:zlib'

// Plain JavaScript, since a thread of Node 20 does not get the loader of its parent.
const MIB = 1024 * 1024
const { mode, level, files } = workerData
const buffer = Buffer.allocUnsafeSlow(MIB)
for (const file of files) {
  const descriptor = openSync(file, 'r')
  for (let count = MIB; count === MIB;) {
    count = readSync(descriptor, buffer)
    if (mode === 'deflate' && count > 0) deflateRawSync(buffer.subarray(0, count), { level })
  }
  closeSync(descriptor)
}
parentPort.postMessage('done')
