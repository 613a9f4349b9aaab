/**
 * The result of `work`, if it comes in time.
 *
 * @throws an error with `what` and `details` after `ms`.
 */
export async function within<Result>(
  ms: number,
  work: Promise<Result>,
  what: string,
  details: () => string = () => '',
): Promise<Result> {
  const {promise: late, reject} = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${what} within ${ms} ms ${details()}`)), ms);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
