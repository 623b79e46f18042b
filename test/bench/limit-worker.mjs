import { closeSync, openSync, readSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { deflateRawSync } from 'node:zlib'

// Plain JavaScript, because a thread in Node 20 does not inherit its parent's loader.
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
