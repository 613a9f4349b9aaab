import assert from 'node:assert/strict';
import {suite, test} from 'node:test';
import {treeOf, until} from '../../../../fixtures/harness.ts';
import {openApp} from '../../model/open-app.ts';

const files = {'a.jpg': 'xx', 'b.jpg': 'yyy', 'in/c.jpg': 'z', 'in/old/d.jpg': 'zz', 'e.txt': ''};

suite('downloading by mask', () => {
  test('counts before anything happens, and Enter queues what was counted', async t => {
    const screen = await openApp(t, files);
    screen.type('m**/*.jpg !in/old');
    await until(() => /^3 files, 6 B\. Enter/.test(screen.app.view().prompt?.hint ?? ''));
    assert.equal(screen.queue.totals().total, 0);
    screen.type('\r');
    await until(() => screen.queue.totals().done === 3);
    assert.deepEqual([...treeOf(screen.target).keys()].sort(), ['a.jpg', 'b.jpg', 'in/c.jpg']);
    assert.match(screen.app.view().message?.text ?? '', /^Queued 3 files/);
  });

  test('an Enter that comes before the count is asked about with the count', async t => {
    const screen = await openApp(t, files);
    screen.type('m*.jpg\r');
    await until(() => screen.app.view().dialog !== undefined);
    assert.equal(screen.app.view().dialog?.title, 'Download 2 files, 5 B?');
    screen.type('n');
    await until(() => /Called off/.test(screen.app.view().message?.text ?? ''));
    assert.equal(screen.queue.totals().total, 0);
    screen.type('m*.jpg\r');
    await until(() => screen.app.view().dialog !== undefined);
    screen.type('d');
    await until(() => screen.queue.totals().done === 2);
  });

  test('Escape does nothing, and what is wrong is said', async t => {
    const {app, type, queue} = await openApp(t, files);
    type('m*.png\r');
    await until(() =>
      /Nothing in \/ matches\. In folders/.test(app.view().prompt?.complaint ?? ''),
    );
    type('\u0015!*.jpg\r');
    await until(() => /only leaves out/.test(app.view().prompt?.complaint ?? ''));
    type('\u0015{a\r');
    await until(() => /is not a mask/.test(app.view().prompt?.complaint ?? ''));
    type('\u0015*');
    await until(() => /^3 files/.test(app.view().prompt?.hint ?? ''));
    app.press({name: 'escape', text: ''});
    assert.equal(app.view().prompt, undefined);
    assert.equal(queue.totals().total, 0);
  });
});
