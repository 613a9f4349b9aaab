/** Compares docs/commands.md with the program: the events of `--json`, and the answers about local files that exist. */
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {text} from 'node:stream/consumers';
import {type TestContext, test} from 'node:test';
import {conflictAnswers, conflictPolicies} from '../../source/transfers/terms/conflict-policy.ts';
import {programWords} from '../end-to-end/journey.ts';
import {temporaryFolder} from '../fixtures/harness.ts';
import {serveExampleFiles} from '../fixtures/serve-example-files.ts';
import {readPage} from './lines/page.ts';

type Event = {event: string} & Record<string, unknown>;

const {tables} = readPage('commands');

test('the events of a download have the fields of the page, and occur when it says so', async t => {
  const [, server = ''] = programWords('jangada-server', []);
  const address = await serveExampleFiles(t, server);
  const folder = temporaryFolder(t);
  // A folder has the name of one file, and a file has the name of a folder.
  mkdirSync(join(folder, 'mar/ondas.txt'), {recursive: true});
  mkdirSync(join(folder, 'conchas'));
  writeFileSync(join(folder, 'conchas/concha-01.txt'), '');
  const words = ['mget', '{mar,conchas,receitas}/**', '-s', address, '--json'];
  const skip = ['--dirs', '--on-conflict', 'skip', '--checksums', join(folder, 'sums')];
  const events = [
    ...(await run(t, folder, [...words, ...skip, '--limit', '2M'], 1)),
    // Without a terminal the program can ask nobody.
    ...(await run(t, folder, words, 1)),
  ];
  const ofPage = eventsOfPage();
  for (const [name, fields] of ofPage) {
    const there = events.filter(({event}) => event === name).flatMap(event => Object.keys(event));
    const seen = new Set(there.filter(key => key !== 'event'));
    assert.ok(seen.size > 0, `there is no event '${name}'`);
    assert.deepEqual(
      [...seen].filter(field => !fields.includes(field)),
      [],
      `of ${name}`,
    );
    // These fields occur only if a file has changed, or if a check takes long.
    const rare = ['changed', 'checkedBytes', 'checking', 'copying'];
    assert.deepEqual(
      fields.filter(field => !seen.has(field) && !rare.includes(field)),
      [],
      name,
    );
  }

  assert.deepEqual(
    events.filter(({event}) => !ofPage.has(event)),
    [],
  );
});

test('a run that never began prints only the event for its end', async t => {
  const folder = temporaryFolder(t);
  const events = await run(t, folder, ['mget', '**', '-s', '127.0.0.1:1', '--json'], 3);
  assert.deepEqual(events.map(Object.keys), [['event', 'outcome', 'code', 'status', 'message']]);
});

test('the page has the answers about local files that exist, and those that a queue has', () => {
  const answers = tables.find(([, [first = ''] = []]) => first === '`ask`') ?? [];
  assert.deepEqual(
    answers
      .flatMap(([cell = '']) => wordsIn(cell))
      .filter(word => word !== 'on-conflict')
      .sort(),
    [...conflictAnswers].sort(),
  );
  const rows = tables.flat().filter(([cell]) => cell === '`onConflict`');
  const [, values = ''] = rows.find(row => row.length === 2) ?? [];
  assert.deepEqual(wordsIn(values).sort(), [...conflictPolicies].sort());
});

/** The fields of each event. The last event also has the fields of the table for the end of every run. */
function eventsOfPage(): Map<string, string[]> {
  const [, ...rows] = tables.find(([first]) => first?.join() === '`event`,fields,when') ?? [];
  assert.ok(rows.length > 5);
  const every = tables.find(([, row]) => row?.[0] === '`event`') ?? [];
  const ofEnd = every.flatMap(([cell = '']) => wordsIn(cell)).filter(word => word !== 'event');
  return new Map(
    rows.map(([event = '', fields = '']) => {
      const [name = ''] = wordsIn(event);
      return [name, [...wordsIn(fields), ...(name === 'end' ? ofEnd : [])]];
    }),
  );
}

/** The words in backticks, except options. */
function wordsIn(cell: string): string[] {
  return [...cell.matchAll(/`(\w[\w-]*)`/g)].map(([, word = '']) => word);
}

async function run(
  t: TestContext,
  folder: string,
  words: readonly string[],
  status: number,
): Promise<Event[]> {
  const [program = '', ...rest] = programWords('jangada', [...words, '--to', folder]);
  const environment = {...process.env, JANGADA_STATE: join(folder, '.state')};
  const child = spawn(program, rest, {
    env: environment,
    stdio: ['ignore', 'pipe', 'ignore'],
    signal: t.signal,
  });
  const exited = new Promise(resolve => child.on('close', resolve));
  const output = await text(child.stdout);
  assert.equal(await exited, status, output);
  return output
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as Event);
}
