/**
 * Keeps the memory of the process small. Downloading makes much short-lived garbage, and V8 answers a high rate of it
 * with a larger heap: without limits, the client grew to 250 MB over 20,000 small files. With a young generation of 16
 * MB, and an old one that grows by a third, it stays below 150 MB. (A young generation of 8 MB saves 8 MB and takes a
 * tenth longer for many small files; `--optimize-for-size` costs as much.)
 */
import {PerformanceObserver} from 'node:perf_hooks';
import {getHeapSpaceStatistics, setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';

const youngBytes = 16 * 2 ** 20;

/** A command that has ended by then never loads the code that watches garbage collections. */
const firstLookMs = 100;

/**
 * V8 uses compiled code only with the flags that it was compiled with: after a new growth factor, each module of Node
 * that is loaded is compiled again, in twice the time. By then a command has loaded the modules that it needs.
 */
const loadedMs = 500;

/** Watches garbage collections until the young generation has its largest size. */
let collections: PerformanceObserver | undefined;

/**
 * Keep the heap of this process small. Call it at the start: it sets the limits later, when the code of a command is
 * loaded.
 */
export function keepHeapSmall(): void {
  setTimeout(boundYoungGeneration, firstLookMs).unref();
  setTimeout(() => setFlagsFromString('--heap-growing-percent=30'), loadedMs).unref();
}

/**
 * Collect all garbage and return its memory to the system: about 20 MB after reading a folder of a million entries, in
 * 50 ms. V8 itself never shrinks the young generation, and keeps old garbage until there is more of it.
 */
export function giveMemoryBack(): void {
  setFlagsFromString('--expose-gc');
  // Only a context that is made with this flag has `gc`. Only this flavor shrinks the young generation.
  const collect: (options: object) => void = runInNewContext('gc');
  collect({type: 'major', execution: 'sync', flavor: 'last-resort'});
  boundYoungGeneration();
}

/** Let the young generation grow to its largest size, and no further. */
function boundYoungGeneration(): void {
  // One thread empties such a small young generation in the same time, without waking others.
  setFlagsFromString('--no-parallel-scavenge');
  // V8 ignores a new maximum size while it runs, but it reads the growth factor at every step.
  setFlagsFromString('--semi-space-growth-factor=2');
  collections?.disconnect();
  collections = new PerformanceObserver(() => {
    if (youngSize() >= youngBytes) {
      setFlagsFromString('--semi-space-growth-factor=1');
      collections?.disconnect();
    }
  });
  collections.observe({entryTypes: ['gc']});
}

/** The size of the young generation in bytes; the largest one if V8 does not tell it. */
function youngSize(): number {
  const young = getHeapSpaceStatistics().find(({space_name}) => space_name === 'new_space');
  return young?.space_size ?? youngBytes;
}
