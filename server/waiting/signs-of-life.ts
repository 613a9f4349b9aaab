import type {Awaitable} from './awaitable.ts';
import {Bell} from './bell.ts';

/**
 * The result of `work`. Calls and awaits `sign` every `everyMs` until the work has settled.
 *
 * @throws the error of `work`, or of `sign`; in the second case nothing waits for `work` any more.
 */
export async function withSignsOfLife<Result>(
  work: Promise<Result>,
  everyMs: number,
  sign: () => Awaitable<void>,
): Promise<Result> {
  const bell = new Bell();
  let settled = false;
  const ring = () => {
    settled = true;
    bell.ring();
  };
  // This handles a rejection as well; the caller gets it below.
  work.then(ring, ring);
  for (await bell.wait(everyMs); !settled; await bell.wait(everyMs)) {
    await sign();
  }

  return work;
}
