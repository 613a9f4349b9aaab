import assert from 'node:assert/strict';
import {mkdirSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {Ssh} from '../../../../source/client/connection/ways/ssh/ssh.ts';
import {parseArguments} from '../../../../source/commands/arguments/parse.ts';
import type {Job} from '../../../../source/commands/job.ts';
import {CommandOutput} from '../../../../source/commands/results/output.ts';
import {fetchFiles} from '../../../../source/commands/transfer/fetch-files.ts';
import type {Batch} from '../../../../source/commands/transfer/intake/backlog.ts';
import {TransferReport} from '../../../../source/commands/transfer/report.ts';
import {noConfig} from '../../../../source/config/config.ts';
import {path, startHarness, temporaryFolder} from '../../../fixtures/harness.ts';
import {cannotRecord, recordDisk} from '../../../fixtures/record-disk.ts';
import {Captured} from '../run.ts';

test('a command that fails ends its search, and counts nothing after its summary', {
  skip: cannotRecord,
}, async t => {
  const {client, server} = await startHarness(t);
  const to = temporaryFolder(t);
  mkdirSync(to, {recursive: true});
  recordDisk(t, to, call => call === 'fsync .');
  const invocation = parseArguments(['mget', '**', '--dirs', '-s', server.address, '-o', to], {});
  assert.ok(invocation.do === 'run');
  using output = new CommandOutput({
    stdout: new Captured(),
    stderr: new Captured(),
    environment: {},
  });
  const {inputs, options} = invocation;
  const {signal} = new AbortController();
  const environment = {JANGADA_STATE: join(temporaryFolder(t), 'state')};
  const job: Job = {
    ...{client, ssh: new Ssh(), inputs, options, output, signal, environment},
    ...{json: undefined, answers: undefined, config: noConfig},
  };
  const report = new TransferReport({output, json: false, single: false, folders: true});
  let over = false;
  let ended = false;
  t.after(() => {
    ended = true;
  });
  async function* find(): AsyncGenerator<Batch> {
    try {
      yield {files: [], folders: [{remotePath: path('d'), folder: to, localPath: 'd'}]};
      for (let at = 0; !ended; at++) {
        const file = {remotePath: path(`f${at}`), folder: to, localPath: `f${at}`, size: 1};
        yield {files: [file], folders: []};
        await new Promise(setImmediate);
      }
    } finally {
      over = true;
    }
  }

  const fetched = fetchFiles(find, job, {
    ...{policy: 'resume', report, command: 'mget'},
    resume: {command: 'mget'},
  });
  await assert.rejects(fetched, {code: 'local_io'});
  assert.ok(over);
});
