/** A bucket of Ceph as a root: the promises of a store, and what is its own. */
import {after} from 'node:test';
import {BucketStore} from '../../server/store/bucket/bucket-store.ts';
import {type Subject, testContract} from '../server/store/store-contract.ts';
import {type Ceph, startCeph, whyNoCeph} from './ceph.ts';
import {S3Writer} from './s3-writer.ts';

const skip = whyNoCeph();
let started: Promise<Ceph> | undefined;
let buckets = 0;

/** One cluster for all tests of this file, started by the first of them. */
function ceph(): Promise<Ceph> {
  started ??= startCeph();
  return started;
}

after(async () => {
  await (await started)?.close();
});

async function bucketSubject(prefix: string): Promise<Subject> {
  const cluster = await ceph();
  const writer = await S3Writer.of(cluster, `bucket-${++buckets}`);
  const store = storeOf(cluster, writer.bucket, prefix);
  return {
    ...{store, hasRawNames: false, keepsTimes: false},
    write: (name, bytes) => writer.write(prefix + name, bytes),
    makeFolder: name => writer.write(`${prefix}${name}/`, ''),
    async [Symbol.asyncDispose]() {
      await store.close();
    },
  };
}

function storeOf(cluster: Ceph, bucket: string, prefix: string): BucketStore {
  const {accessKeyId, secretAccessKey} = cluster;
  return BucketStore.at(
    {
      ...{bucket, prefix, region: 'us-east-1'},
      endpoint: new URL(cluster.endpoint),
      credentials: {accessKeyId, secretAccessKey},
    },
    {maskMs: 2000},
  );
}

testContract('a bucket', () => bucketSubject(''), {skip});
testContract('a prefix of a bucket', () => bucketSubject('some where/ü+/'), {skip});
