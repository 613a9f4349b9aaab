import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {Checker, SmallFileHashes} from '../../../../source/transfers/hashing/checker.ts';
import {type FileToOpen, SmallHashing} from '../../../../source/transfers/hashing/small-hashing.ts';

const options = {algorithm: 'sha256', checksums: false, follow: false} as const;

/** Hashing of `files`, whose jobs end when the test says so. */
function startHashing(files: readonly FileToOpen[]) {
  const jobs: Array<{files: unknown[]; end: PromiseWithResolvers<SmallFileHashes[]>}> = [];
  // Of a checker, only this is called.
  const checker = {
    smallFiles(paths: unknown[], given: unknown) {
      assert.deepEqual(given, options);
      const end = Promise.withResolvers<SmallFileHashes[]>();
      jobs.push({files: paths, end});
      return end.promise;
    },
  } as unknown as Checker;
  return {hashing: new SmallHashing(checker, files, options), jobs};
}

/** `count` files of `size` bytes, which are at their numbers. */
const filesOf = (count: number, size: number) =>
  Array.from({length: count}, (_, index) => ({at: `${index}`, size}));

/** The result for the file at `at`, told apart by its size. */
const large = (at: string): SmallFileHashes => ({kind: 'large', size: Number(at)});

test('a job has 128 files or a mebibyte of them, and four jobs wait for threads', async () => {
  for (const [size, perJob] of [
    [10, 128],
    [524_288, 2],
    [600_000, 2],
    [1_048_576, 1],
  ] as const) {
    const files = filesOf(5 * perJob + 1, size);
    const {hashing, jobs} = startHashing(files);
    assert.deepEqual(
      jobs.map(job => job.files.length),
      Array<number>(4).fill(perJob),
    );
    jobs[1]?.end.resolve(jobs[1].files.map(at => large(String(at))));
    await new Promise(setImmediate);
    assert.equal(jobs.length, 5, 'as one ends the next begins');
    for (let at = 0; at < jobs.length; at++) {
      jobs[at]?.end.resolve(jobs[at]?.files.map(name => large(String(name))) ?? []);
      await new Promise(setImmediate);
    }

    assert.deepEqual(
      jobs.flatMap(job => job.files),
      files.map(({at}) => at),
    );
    for (const file of files) {
      assert.deepEqual(await hashing.of(file), large(file.at));
    }
  }
});

test('a job that fails fails its files, and the others are hashed', async () => {
  const files = filesOf(3, 1_048_576);
  const {hashing, jobs} = startHashing(files);
  const [first, second, third] = files;
  assert.ok(first && second && third);
  const error = new Error('gone');
  jobs[0]?.end.reject(error);
  jobs[1]?.end.resolve([large('1')]);
  jobs[2]?.end.resolve([]);
  await assert.rejects(hashing.of(first), error);
  assert.deepEqual(await hashing.of(second), large('1'));
  assert.deepEqual(await hashing.of(third), {kind: 'changed'}, 'a file without a result');
});

test('when hashing is stopped, files that wait are not hashed, and the jobs under way are waited for', async () => {
  const files = filesOf(6, 1_048_576);
  const {hashing, jobs} = startHashing(files);
  let isSettled = false;
  const settled = hashing.settled().then(() => {
    isSettled = true;
  });
  const [first, , , , fifth] = files;
  assert.ok(first && fifth);
  await assert.rejects(hashing.of(fifth), {code: 'aborted'});
  await new Promise(setImmediate);
  assert.equal(isSettled, false);
  for (const job of jobs) {
    job.end.resolve(job.files.map(at => large(String(at))));
  }

  await settled;
  assert.equal(jobs.length, 4);
  assert.deepEqual(await hashing.of(first), large('0'), 'a job under way has its result');
});
