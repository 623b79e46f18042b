import { setFlagsFromString } from 'node:v8'

/**
 * From here on V8 does not double the part of the heap where new objects are made. For a list of tens of thousands of files
 * Node 24 lets it grow to 64 MiB and more, which takes memory from the servers of self-hosted runners and saves one
 * hundredth of the time. V8 reads this flag at each growth, so it may be set while it runs.
 */
export const keepHeapSmall = (): void => {
  setFlagsFromString('--semi-space-growth-factor=1')
}

/**
 * From here on V8 leaves its functions as they are: they are interpreted or compiled in the quick way. While a large bundle
 * is sent all cores are busy with its bytes, and the optimizing compilers, which run beside, took a tenth of them for functions
 * that are hardly called again. Only before long sending: code that is loaded afterwards is not found in Node's cache.
 */
export const compileLess = (): void => {
  setFlagsFromString('--no-opt')
  setFlagsFromString('--no-maglev')
}
