import assert from 'node:assert/strict';
import {suite, type TestContext, test} from 'node:test';
import {displayName} from '../../../../protocol/display-text.ts';
import {standardKeys} from '../../../../source/tui/keys/keymap.ts';
import type {AppView} from '../../../../source/tui/model/app.ts';
import type {Message} from '../../../../source/tui/model/messages.ts';
import {
  appSentences,
  openedSentences,
  placeSentences,
} from '../../../../source/tui/reader/app-sentences.ts';
import {openApp} from '../model/open-app.ts';

/** The view of a server with two files and the cursor on the first. */
async function viewOf(t: TestContext): Promise<AppView> {
  const {app} = await openApp(t, {'a.txt': 'a', 'b.txt': 'b'});
  return {...app.view(), message: undefined};
}

const message = (text: string): Message => ({
  text: displayName(text),
  tone: 'plain',
  ageSeconds: 0,
});

suite('sentences about the interface of a server', () => {
  test('without a change nothing is said', async t => {
    const view = await viewOf(t);
    assert.deepEqual(appSentences(view, {...view}), []);
  });

  test('a server begins with its folder, a pane with its name', async t => {
    const view = await viewOf(t);
    assert.match(openedSentences(view).join('\n'), /^Top folder of .*\na\.txt, 1 B, .* 1 of 2\.$/);
    const told = (focus: AppView['focus']) => appSentences(view, {...view, focus});
    assert.match(told('transfers')[0] ?? '', /^Pane 3, Transfers, saved in .*: Nothing is queued/);
    assert.equal(told('verifier')[0], 'Pane 2, Details.');
    const back = appSentences({...view, focus: 'transfers'}, view);
    assert.match(back.join('\n'), /^Pane 1, Files\.\nTop folder .*\na\.txt, /);
  });

  test('a lost connection is reported once with its reason, and its return is reported', async t => {
    const view = await viewOf(t);
    const waiting = (retryInMs: number): AppView => ({
      ...view,
      link: {name: 'waiting', retryInMs, retryAtMs: 0, reason: 'It went away', brief: 'away'},
    });
    assert.deepEqual(appSentences(view, waiting(500)), [
      'No connection: It went away. jangada tries again until the server is back.',
    ]);
    assert.deepEqual(appSentences(waiting(500), waiting(1000)), []);
    assert.deepEqual(appSentences(waiting(1000), view), ['Connected again.']);
  });

  test('of a running count, the first message and the result are said', async t => {
    const view = await viewOf(t);
    const counting = (files: number): AppView => ({
      ...view,
      counting: {files, bytes: 1},
      message: message(`Counting: ${files} files so far.`),
    });
    assert.deepEqual(appSentences(view, counting(1)), ['Counting: 1 files so far.']);
    assert.deepEqual(appSentences(counting(1), counting(2)), []);
    const queued = {...view, message: message('Queued 2 files.')};
    assert.deepEqual(appSentences(counting(2), queued), ['Queued 2 files.']);
  });

  test('while a line is typed or the keys are shown, nothing is said about the panes', async t => {
    const view = await viewOf(t);
    const other = {...view, files: {...view.files, cursor: 1, position: 2}};
    const page = {...{columns: [], width: 0, labelWidth: 0, length: 0}, ...{offset: 0, room: 1}};
    const help = {...other, help: {...page, fullLength: 0, search: ''}};
    const keys = appSentences(view, help);
    assert.equal(keys[0], 'Keys in every pane.');
    assert.ok(keys.includes(displayName('Space, Insert: mark or unmark.')));
    // A heading for each part, and a last sentence.
    assert.equal(keys.length, standardKeys.bindings.length + 5);
    assert.deepEqual(appSentences(help, {...help, files: view.files}), []);
    assert.deepEqual(placeSentences(help), ['The keys are shown. Escape closes them.']);
  });

  test('when results leave the right pane and come back, nothing is said', async t => {
    const view = await viewOf(t);
    const results: AppView['results'] = {
      ...{begunAt: undefined, rows: [], cursor: 0},
      ...{files: 1, bytes: 1, doneFiles: 1, doneBytes: 1, unlisted: 0},
      counts: {differs: 0, failed: 0, absent: 0, same: 1},
      ...{repairBytes: 0, repaired: 0, state: 'done', failure: undefined},
    };
    assert.deepEqual(appSentences(view, {...view, results}), ['Compared 1 file: 1 same.']);
    const moved = {...view, results, files: {...view.files, cursor: 1, position: 2}};
    assert.match(appSentences(view, moved).join('\n'), /^b\.txt, .*\.$/);
  });
});
