/** Writes objects, as other users of a bucket do. The server itself writes only its digests. */
import {Buffer} from 'node:buffer';
import {request} from 'node:http';
import aws4 from 'aws4';
import type {Ceph} from './ceph.ts';

export class S3Writer {
  readonly #ceph: Ceph;
  readonly bucket: string;

  private constructor(ceph: Ceph, bucket: string) {
    this.#ceph = ceph;
    this.bucket = bucket;
  }

  /** Make a bucket. */
  static async of(ceph: Ceph, bucket: string): Promise<S3Writer> {
    const writer = new S3Writer(ceph, bucket);
    await writer.#send('PUT', `/${bucket}`);
    return writer;
  }

  async write(key: string, bytes: Uint8Array | string): Promise<void> {
    await this.#send('PUT', this.#path(key), Buffer.from(bytes));
  }

  async remove(key: string): Promise<void> {
    await this.#send('DELETE', this.#path(key));
  }

  /** Allow another user to list the bucket and to read its objects. */
  async allowReading(user: string): Promise<void> {
    const resource = `arn:aws:s3:::${this.bucket}`;
    const policy = {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: {AWS: [`arn:aws:iam:::user/${user}`]},
          Action: ['s3:ListBucket', 's3:GetObject'],
          Resource: [resource, `${resource}/*`],
        },
      ],
    };
    await this.#send('PUT', `/${this.bucket}?policy`, Buffer.from(JSON.stringify(policy)));
  }

  #path(key: string): string {
    const escaped = encodeURIComponent(key).replace(
      /[!'()*]/g,
      sign => `%${sign.charCodeAt(0).toString(16)}`,
    );
    return `/${this.bucket}/${escaped.replaceAll('%2F', '/')}`;
  }

  async #send(method: string, path: string, body?: Buffer): Promise<void> {
    const {host, hostname, port} = new URL(this.#ceph.endpoint);
    const headers = {
      Host: host,
      ...(body === undefined ? {} : {'Content-Type': 'application/octet-stream'}),
    };
    const content = body === undefined ? {} : {body};
    const signed = aws4.sign(
      {service: 's3', region: 'us-east-1', method, path, headers, ...content},
      this.#ceph,
    );
    await new Promise<void>((resolve, reject) => {
      const asked = request({method, path, host: hostname, port, headers: signed.headers ?? {}});
      asked.once('error', reject);
      asked.once('response', response => {
        response.resume();
        const {statusCode = 0} = response;
        if (statusCode < 300) {
          response.once('end', resolve);
        } else {
          reject(new Error(`${method} ${path} was answered with ${statusCode}`));
        }
      });
      asked.end(body);
    });
  }
}
