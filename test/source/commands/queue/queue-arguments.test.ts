import assert from 'node:assert/strict';
import {test} from 'node:test';
import {isJangadaError} from '../../../../protocol/errors.ts';
import {commandOf, commandsOf} from '../../../../source/commands/arguments/catalogue.ts';
import {helpText} from '../../../../source/commands/arguments/help.ts';
import {parseArguments} from '../../../../source/commands/arguments/parse.ts';

const wrong: readonly (readonly [string, RegExp])[] = [
  ['queue', /'queue' needs one more word\. Write one of: queue list, queue add, /],
  ['queu list', /Unknown command 'queu'.*nearest is 'queue'/],
  ['queue lst', /Unknown command 'queue lst'.*nearest is 'queue list'; jangada help queue /],
  ['queue jangada://h:1', /Unknown command 'queue jangada:\/\/h:1'/],
  ['help queue lst', /nearest is 'jangada help queue list'/],
  ['help queue list x', /No help for 'queue list x'/],
  ['queue bogus', /Unknown command 'queue bogus'\. jangada help queue lists them all$/],
  ['help queue bogus', /No help for 'queue bogus'\. jangada help lists/],
  ['queue list x', /Unexpected argument 'x'.*jangada queue list/],
  ['queue pause', /ID is missing.*jangada queue pause ID/],
  ['queue move 3', /ID or N is missing/],
  ['queue priority high', /HOW or ID is missing.*jangada queue priority HOW ID/],
  [
    'queue add a --priority urgent',
    /Invalid value 'urgent' for --priority: use one of high, normal, low/,
  ],
  [
    'queue add a --on-conflict fail',
    /Invalid value 'fail' for --on-conflict: use one of overwrite, rename, skip, resume, newer$/,
  ],
  [
    'queue add a --on-conflict ask',
    /Invalid value 'ask' for --on-conflict: the queue cannot ask questions\. Write one of overwrite, /,
  ],
  ['queue run --priority high', /--priority belongs to queue add, not to 'queue run'/],
  ['queue limits --limit fast', /Invalid value 'fast' for --limit: .*, or none/],
  ['queue limits --files 0', /Invalid value '0' for --files: use a whole number from 1 to 16/],
  ['queue limits 500k', /Unexpected argument '500k'/],
  ['queue limits --retries 2', /--retries belongs to .*, not to 'queue limits'/],
  ['queue list --to x', /--to belongs to .*queue add.*, not to 'queue list'/],
  ['queue pause 1 --retries 3', /--retries belongs to .*, not to 'queue pause'/],
  ['queue list --jsno', /nearest is '--json'; jangada help queue list /],
  ['queue --jsno', /nearest is '--json'; jangada help queue /],
  ['cget a --delete-partial', /--delete-partial belongs to queue cancel, not to 'cget'/],
];

for (const [line, message] of wrong) {
  test(`jangada ${line} is wrong usage`, () => {
    assert.throws(
      () => parseArguments(line.split(' '), {}),
      error => isJangadaError(error, 'usage') && message.test(error.message),
    );
  });
}

test('options may be anywhere, and a number of places may be negative', () => {
  for (const line of [
    'queue move 5 -2 --json',
    '--json queue move 5 -2',
    'queue --json move 5 -2',
  ]) {
    const invocation = parseArguments(line.split(' '), {});
    assert.ok(invocation.do === 'run');
    assert.equal(invocation.command, 'queue move');
    assert.deepEqual(invocation.inputs, ['5', '-2']);
    assert.equal(invocation.options.json, true);
  }
});

test('there is help for the queue and for each of its commands', () => {
  for (const [words, topic] of [
    [['queue', '--help'], 'queue'],
    [['help', 'queue'], 'queue'],
    [['help', 'queue', 'run'], 'queue run'],
    [['queue', 'run', '-h'], 'queue run'],
  ] as const) {
    assert.deepEqual(parseArguments(words, {}), {do: 'help', topic});
  }

  const help = helpText('queue');
  for (const command of commandsOf('queue')) {
    assert.ok(help.includes(commandOf(command).usage), command);
  }

  for (const line of help.split('\n')) {
    assert.ok(line.length <= 100, line);
  }

  assert.match(helpText('queue list'), /--server ADDRESS {2}only the transfers of this server/);
  assert.match(helpText('queue add'), /resume \(default\)/);
});
