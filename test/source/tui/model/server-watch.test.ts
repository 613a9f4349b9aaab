import assert from 'node:assert/strict';
import {test} from 'node:test';
import {rootPath} from '../../../../protocol/remote-path.ts';
import {Messages} from '../../../../source/tui/model/messages.ts';
import {Repainter} from '../../../../source/tui/model/repainter.ts';
import {ServerWatch} from '../../../../source/tui/model/server-watch.ts';
import {startHarness, until} from '../../../fixtures/harness.ts';
import {startSeveral} from '../../../fixtures/server/several-servers.ts';

test('for several servers, the words say how many answer, and a message says when one is gone', async t => {
  const {client, named, servers} = await startSeveral(t);
  const messages = new Messages(new Repainter());
  const watch = new ServerWatch(client, messages);
  t.after(() => {
    watch.close();
    messages.close();
  });
  await client.stat(rootPath);
  assert.equal(named(watch.words), 'A (2 of 2 servers)');
  await servers[0]?.stop();
  await client.stat(rootPath);
  const said = () => messages.current?.text ?? '';
  await until(() => said() !== '');
  assert.equal(named(watch.words), 'A (1 of 2 servers)');
  assert.match(named(said()), /^A does not answer \(.*\): going on with B$/);
});

test('a single server is shown only by its address', async t => {
  const {client, server} = await startHarness(t);
  const messages = new Messages(new Repainter());
  const watch = new ServerWatch(client, messages);
  t.after(() => watch.close());
  assert.equal(watch.words, `127.0.0.1:${server.port}`);
});
