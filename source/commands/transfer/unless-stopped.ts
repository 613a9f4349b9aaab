/** The result of `work`; undefined as soon as `signal` is aborted. */
export async function unlessStopped<Result>(
  work: Promise<Result>,
  signal: AbortSignal,
): Promise<Result | undefined> {
  const stopped = Promise.withResolvers<undefined>();
  const onAbort = () => stopped.resolve(undefined);
  signal.addEventListener('abort', onAbort);
  try {
    return await (signal.aborted ? undefined : Promise.race([work, stopped.promise]));
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
