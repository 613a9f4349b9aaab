import type {KeyPage, Listed} from './s3/listing.ts';
import type {S3Client} from './s3/s3-client.ts';

type PagesQuestion = {prefix: string; folders: boolean; signal: AbortSignal};

/** All keys that begin with `prefix`, in pages. Requests the next page while the caller uses the current one. */
export async function* keyPages(
  s3: S3Client,
  {prefix, folders, signal}: PagesQuestion,
): AsyncGenerator<Listed[], void, void> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const ask = (after?: string) => {
    const page = s3.keys({prefix, folders, after}, either);
    // It is awaited later or never: a rejection must not be unhandled.
    page.catch(() => {});
    return page;
  };
  try {
    let page: Promise<KeyPage> | undefined = ask();
    while (page !== undefined) {
      const {items, next}: KeyPage = await page;
      page = next === undefined ? undefined : ask(next);
      yield items;
    }
  } finally {
    stop.abort();
  }
}
