/**
 * A service with as much of S3 as jangada-server uses: `node false-bucket.ts HOST PORT BUCKET FOLDER` serves the files of
 * FOLDER as objects. It refuses requests without a signature, but does not check the signature itself.
 */
import {hash} from 'node:crypto';
import {readdirSync, readFileSync} from 'node:fs';
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import {join, relative} from 'node:path';
import process from 'node:process';
import {buffer} from 'node:stream/consumers';

const [host, port, bucket, folder = ''] = process.argv.slice(2);
const objects = new Map<string, Buffer>();
for (const entry of readdirSync(folder, {recursive: true, withFileTypes: true})) {
  if (entry.isFile()) {
    const file = join(entry.parentPath, entry.name);
    objects.set(relative(folder, file), readFileSync(file));
  }
}

const modified = new Date(Date.UTC(2026, 0, 2));

createServer((request, response) => {
  answer(request, response).catch(error => response.destroy(error));
}).listen(Number(port), host, () => console.log('ready'));

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const {headers, method, url = ''} = request;
  const {pathname, searchParams} = new URL(url, 'http://bucket');
  const [, name, ...rest] = pathname.split('/');
  const key = decodeURIComponent(rest.join('/'));
  const body = await buffer(request);
  if (name !== bucket || !/Credential=AKIDPAGE\//.test(headers.authorization ?? '')) {
    refuse(response, 403, 'AccessDenied');
  } else if (method === 'GET' && key === '') {
    response.end(listing(searchParams));
  } else if (method === 'PUT') {
    objects.set(key, body);
    response.writeHead(200, {ETag: etagOf(body)}).end();
  } else if (method === 'DELETE') {
    objects.delete(key);
    response.writeHead(204).end();
  } else {
    send(request, response, objects.get(key));
  }
}

function send(
  {headers, method}: IncomingMessage,
  response: ServerResponse,
  content?: Buffer,
): void {
  if (content === undefined) {
    refuse(response, 404, 'NoSuchKey');
    return;
  }

  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
  const part = from === undefined ? content : content.subarray(Number(from), Number(to) + 1);
  response.writeHead(from === undefined ? 200 : 206, {
    ETag: etagOf(content),
    'Last-Modified': modified.toUTCString(),
    'Content-Length': part.length,
    ...(from === undefined ? {} : {'Content-Range': `bytes ${from}-${to}/${content.length}`}),
  });
  response.end(method === 'HEAD' ? undefined : part);
}

/** A listing of one page, which has all keys. */
function listing(query: URLSearchParams): string {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter');
  const contents: string[] = [];
  const folders = new Set<string>();
  const most = Number(query.get('max-keys'));
  for (const key of [...objects.keys()].filter(key => key.startsWith(prefix)).sort()) {
    const end = delimiter === null ? -1 : key.indexOf(delimiter, prefix.length);
    if (end !== -1) {
      folders.add(key.slice(0, end + 1));
    } else if (contents.length < most) {
      contents.push(
        `<Contents><Key>${encodeURIComponent(key)}</Key><LastModified>${modified.toISOString()}</LastModified><Size>${objects.get(key)?.length}</Size></Contents>`,
      );
    }
  }

  const prefixes = [...folders].map(
    key => `<CommonPrefixes><Prefix>${encodeURIComponent(key)}</Prefix></CommonPrefixes>`,
  );
  return `<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>${contents.join('')}${prefixes.join('')}</ListBucketResult>`;
}

function etagOf(content: Buffer): string {
  return `"${hash('md5', content)}"`;
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status).end(`<Error><Code>${code}</Code></Error>`);
}
