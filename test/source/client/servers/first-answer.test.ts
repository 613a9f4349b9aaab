import assert from 'node:assert/strict';
import {test} from 'node:test';
import {parseAddress} from '../../../../protocol/address.ts';
import {aborted, type ErrorCode, JangadaError} from '../../../../protocol/errors.ts';
import type {Connection} from '../../../../source/client/connection/connection.ts';
import {firstAnswer} from '../../../../source/client/servers/first-answer.ts';
import {type Choice, ServerSet} from '../../../../source/client/servers/server-set.ts';

// Nothing is done with a connection but to tell it from others.
const answered = {address: parseAddress('answered')} as Connection;
const freed = {address: parseAddress('freed')} as Connection;

/** Asks servers a, b and c, whose errors are `codes`; undefined: the server answers. */
async function askAll(
  codes: ReadonlyArray<ErrorCode | undefined>,
  {choice = {}, idle, stop}: {choice?: Choice; idle?: Connection; stop?: AbortController} = {},
) {
  const hosts = ['a', 'b', 'c'].slice(0, codes.length);
  const set = new ServerSet(
    hosts.map(host => parseAddress(host)),
    {isIdle: () => false, reach: async () => undefined},
  );
  const tried: string[] = [];
  try {
    const answer = await firstAnswer(set, choice, {
      async connect({address: {host}}) {
        tried.push(host);
        const code = codes[hosts.indexOf(host)];
        if (code === 'aborted') {
          stop?.abort();
          throw aborted();
        }

        if (code !== undefined) {
          throw new JangadaError(code, `${host} ${code}`);
        }

        return answered;
      },
      idle: () => idle,
      signal: stop?.signal ?? new AbortController().signal,
    });
    const got =
      'connection' in answer ? answer.connection.address.host : (answer.failure as Error).message;
    return {got, tried, trouble: set.all.map(({trouble}) => trouble?.code), set};
  } finally {
    set.close();
  }
}

test('the first server that answers gets the work, and the others that were tried have trouble', async () => {
  const {got, tried, trouble} = await askAll(['unreachable', undefined, undefined]);
  assert.deepEqual([got, tried], ['answered', ['a', 'b']]);
  assert.deepEqual(trouble, ['unreachable', undefined, undefined]);
});

test('if none answers, the failure is the first that may pass, and otherwise the first of all', async () => {
  for (const [codes, got] of [
    [['unauthorized', 'busy', 'unreachable'], 'b busy'],
    [['unauthorized', 'untrusted'], 'a unauthorized'],
    [['unreachable'], 'a unreachable'],
  ] as const) {
    const asked = await askAll(codes);
    assert.deepEqual([asked.got, asked.tried.length], [got, codes.length]);
  }
});

test('a connection that became free meanwhile will do where the failure may pass, and only there', async () => {
  const busy = await askAll(['busy', undefined], {idle: freed});
  assert.deepEqual([busy.got, busy.tried], ['freed', ['a']]);
  const refused = await askAll(['unauthorized', undefined], {idle: freed});
  assert.deepEqual([refused.got, refused.tried], ['answered', ['a', 'b']]);
});

test('work that is stopped tries no further server, and blames none', async () => {
  const stop = new AbortController();
  await assert.rejects(askAll(['aborted', undefined], {stop}), {code: 'aborted'});
});

test('where no server that is there can do the work, it ends with the error of the work', async () => {
  const unfit = new JangadaError('changed', 'no server has it');
  const all = {has: () => true};
  await assert.rejects(
    askAll(['busy'], {choice: {without: all, otherwise: () => undefined}}).then(({got}) =>
      assert.fail(got),
    ),
    /a busy/,
  );
  const choice = {without: {has: ({host}: {host: string}) => host === 'b'}, otherwise: () => unfit};
  await assert.rejects(askAll(['unreachable', undefined], {choice}), unfit);
});
