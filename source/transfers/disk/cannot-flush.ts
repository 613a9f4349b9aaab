/** Whether `error` says that this file system cannot flush such a thing; some cannot flush a folder. */
export function cannotFlush(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'EINVAL' || code === 'ENOTSUP';
}
