/**
 * Memory is a budget. Downloading makes much short-lived garbage, and V8 answers a high rate of it
 * with a larger heap: left alone, the client grew to 250 MB over 20,000 small files. Kept to a young
 * generation of 16 MB, and to an old one that grows by a third, it stays below 150 MB. (A young
 * generation of 8 MB saves 8 MB and takes a tenth longer for many small files; `--optimize-for-size`
 * costs as much.)
 */
import {PerformanceObserver} from 'node:perf_hooks';
import {getHeapSpaceStatistics, setFlagsFromString} from 'node:v8';

const youngBytes = 16 * 2 ** 20;

/** A command that has ended by then does without the code that watches collections of garbage. */
const firstLookMs = 100;

/**
 * V8 uses code that was compiled with the same flags alone: with another growth of the heap, each module of
 * Node that is loaded from then on is compiled anew, in twice the time. By then a command has loaded what it needs.
 */
const loadedMs = 500;

/** Keep the heap of this process small. To be called when it starts: the bounds are set later, when the code of a command is loaded. */
export function keepHeapSmall(): void {
  setTimeout(boundYoungGeneration, firstLookMs).unref();
  setTimeout(() => setFlagsFromString('--heap-growing-percent=30'), loadedMs).unref();
}

// V8 reads no largest size once it runs, but the factor of growth at every step.
function boundYoungGeneration(): void {
  // One thread empties so small a young generation in the same time, without waking others for it.
  setFlagsFromString('--no-parallel-scavenge');
  const collections = new PerformanceObserver(() => {
    const young = getHeapSpaceStatistics().find(({space_name}) => space_name === 'new_space');
    if (young === undefined || young.space_size >= youngBytes) {
      setFlagsFromString('--semi-space-growth-factor=1');
      collections.disconnect();
    }
  });
  collections.observe({entryTypes: ['gc']});
}
