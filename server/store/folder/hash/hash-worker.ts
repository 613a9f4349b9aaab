/**
 * A thread that hashes files. It has any number of jobs and hashes one block of each job in turn, so a long job does not
 * delay a short one. Between blocks it handles messages.
 */
import {Buffer} from 'node:buffer';
import {parentPort} from 'node:worker_threads';
import {
  blockLength,
  blockSize,
  digestOf,
  digestSize,
  type RunningHash,
  startHash,
} from '../../../../protocol/block.ts';
import {Due} from '../../../../protocol/due.ts';
import {readFully} from '../../../../protocol/read-fully.ts';
import type {HashCommand, HashJob, HashReport} from './hash-messages.ts';

const reportMs = 200;
const reportDigests = 1024;

type Running = {id: number; due: Due} & (
  | {
      kind: 'digests';
      job: Extract<HashJob, {kind: 'digests'}>;
      /** The next block, and the index of its span. */
      block: number;
      span: number;
      done: number;
      gathered: {first: number; digests: Buffer; count: number};
    }
  | {kind: 'hash'; job: Extract<HashJob, {kind: 'hash'}>; hash: RunningHash; done: number}
);

const running = new Map<number, Running>();
const buffer = Buffer.allocUnsafeSlow(blockSize);
let working = false;

parentPort?.on('message', (command: HashCommand) => {
  if (command.do === 'start') {
    running.set(command.id, begin(command.id, command.job));
    work();
  } else if (running.delete(command.id)) {
    report({id: command.id, state: 'stopped'});
  }
});

function begin(id: number, job: HashJob): Running {
  const due = new Due(reportMs);
  return job.kind === 'hash'
    ? {id, due, kind: 'hash', job, hash: startHash(job.algorithm), done: 0}
    : {
        id,
        due,
        kind: 'digests',
        job,
        block: job.spans[0]?.from ?? 0,
        span: 0,
        done: 0,
        gathered: gatherFrom(job.spans[0]?.from ?? 0),
      };
}

function gatherFrom(first: number): {first: number; digests: Buffer; count: number} {
  return {first, digests: Buffer.allocUnsafeSlow(reportDigests * digestSize), count: 0};
}

function work(): void {
  if (!working) {
    working = true;
    setImmediate(round);
  }
}

/** One block for every job. */
function round(): void {
  for (const job of running.values()) {
    try {
      step(job);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      finish({id: job.id, state: 'failed', message});
    }
  }

  working = false;
  if (running.size > 0) {
    work();
  }
}

function step(running: Running): void {
  if (running.kind === 'hash') {
    stepHash(running);
  } else {
    stepDigests(running);
  }
}

function stepHash(running: Extract<Running, {kind: 'hash'}>): void {
  const {id, job} = running;
  const length = Math.min(blockSize, job.length - running.done);
  if (length > 0 && readFully(job.descriptor, buffer, length, running.done) < length) {
    finish({id, state: 'short'});
    return;
  }

  running.hash.update(buffer.subarray(0, length));
  running.done += length;
  if (running.done === job.length) {
    finish({id, state: 'done', digest: running.hash.digest('hex')});
  } else if (running.due.passed()) {
    report({id, state: 'running', done: running.done});
  }
}

function stepDigests(running: Extract<Running, {kind: 'digests'}>): void {
  const {id, job, gathered} = running;
  const span = job.spans[running.span];
  if (span === undefined) {
    finish({id, state: 'done'});
    return;
  }

  if (running.block < span.to) {
    const length = blockLength(job.size, running.block);
    if (readFully(job.descriptor, buffer, length, running.block * blockSize) < length) {
      finish({id, state: 'short'});
      return;
    }

    const digest = digestOf(job.algorithm, buffer.subarray(0, length));
    gathered.digests.set(digest, gathered.count * digestSize);
    gathered.count++;
    running.block++;
    running.done++;
  }

  const spanEnds = running.block >= span.to;
  if (spanEnds || gathered.count === reportDigests || running.due.passed()) {
    reportGathered(running);
  }

  if (spanEnds) {
    running.span++;
    running.block = job.spans[running.span]?.from ?? 0;
    running.gathered = gatherFrom(running.block);
  }
}

function reportGathered(running: Extract<Running, {kind: 'digests'}>): void {
  const {id, done, gathered} = running;
  const digests = gathered.digests.subarray(0, gathered.count * digestSize);
  report({id, state: 'running', done, first: gathered.first, digests});
  running.due.restart();
  gathered.first += gathered.count;
  gathered.count = 0;
}

function finish(last: HashReport): void {
  running.delete(last.id);
  report(last);
}

function report(message: HashReport): void {
  parentPort?.postMessage(message);
}
