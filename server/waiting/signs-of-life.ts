import type {Awaitable} from './awaitable.ts';
import {Bell} from './bell.ts';

/**
 * The result of `work`. Every `everyMs` until it has settled, `sign` is called and awaited.
 *
 * @throws the error of `work`, or that of `sign`, after which nothing waits for `work` any more.
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
  // Also its rejection is seen here; the caller gets it below.
  work.then(ring, ring);
  for (await bell.wait(everyMs); !settled; await bell.wait(everyMs)) {
    await sign();
  }

  return work;
}
