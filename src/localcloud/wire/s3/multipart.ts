import { dropUpload } from '../../engine/s3/buckets.ts';
import { completeUpload, createUpload, findUpload, putPart, sortedParts } from '../../engine/s3/multipart.ts';
import { findBucket, uploads } from '../../engine/s3/records.ts';
import { Flat } from '../xml.ts';
import { bodyOf } from './body.ts';
import { writeConditions } from './conditions.ts';
import { encoder, mostOf } from './lists.ts';
import {
  checksumHeaders,
  elements,
  factsOf,
  quoted,
  type S3Call,
  type S3Operation,
  unquoted,
  xmlBody,
} from './shapes.ts';

const uploadIdOf = ({ parameters }: S3Call) => parameters.get('uploadId') ?? '';

const CreateMultipartUpload: S3Operation = ({ bucket, key, headers }, { engine }) => {
  const algorithm = headers['x-amz-checksum-algorithm'];
  const { uploadId } = createUpload(engine, bucket, key, factsOf(headers), algorithm);
  return {
    ...(algorithm && { headers: { 'x-amz-checksum-algorithm': algorithm } }),
    xml: ['InitiateMultipartUploadResult', { Bucket: bucket, Key: key, UploadId: uploadId }],
  };
};

const UploadPart: S3Operation = async (call, { engine }) => {
  const upload = findUpload(engine, call.bucket, call.key, uploadIdOf(call));
  const { chunks, checksum } = bodyOf(call.request);
  const part = await putPart(engine, upload, Number(call.parameters.get('partNumber')), chunks);
  const { 'x-amz-checksum-type': _type, ...sums } = checksumHeaders(checksum());
  return { headers: { etag: quoted(part.etag), ...sums } };
};

const CompleteMultipartUpload: S3Operation = async (call, { engine }) => {
  const { bucket, key } = call;
  const upload = findUpload(engine, bucket, key, uploadIdOf(call));
  const content = await xmlBody(call.request, 'CompleteMultipartUpload');
  const listed = elements(content.Part).map(({ PartNumber, ETag }) => ({
    number: Number(PartNumber),
    etag: unquoted(String(ETag ?? '')),
  }));
  const object = completeUpload(engine, upload, listed, writeConditions(call.headers));
  const location = `${engine.endpoint}/${bucket}/${encodeURIComponent(key)}`;
  return {
    xml: [
      'CompleteMultipartUploadResult',
      { Location: location, Bucket: bucket, Key: key, ETag: quoted(object.etag) },
    ],
  };
};

const AbortMultipartUpload: S3Operation = (call, { engine }) => {
  dropUpload(engine, findUpload(engine, call.bucket, call.key, uploadIdOf(call)).uploadId);
  return { status: 204 };
};

const ListParts: S3Operation = (call, { engine }) => {
  const { bucket, key, parameters } = call;
  const upload = findUpload(engine, bucket, key, uploadIdOf(call));
  const marker = Number(parameters.get('part-number-marker') ?? 0);
  const most = mostOf(call, 'max-parts');
  const rest = sortedParts(engine, upload.uploadId).filter(({ number }) => number > marker);
  const parts = rest.slice(0, most);
  return {
    xml: [
      'ListPartsResult',
      {
        ...{ Bucket: bucket, Key: key, UploadId: upload.uploadId, PartNumberMarker: marker },
        NextPartNumberMarker: parts.at(-1)?.number ?? 0,
        MaxParts: most,
        IsTruncated: rest.length > most,
        Part: new Flat(
          parts.map(({ number, modifiedAt, etag, piece }) => ({
            PartNumber: number,
            LastModified: new Date(modifiedAt),
            ETag: quoted(etag),
            Size: piece.size,
          })),
        ),
        StorageClass: upload.storageClass,
        ChecksumAlgorithm: upload.checksumAlgorithm,
      },
    ],
  };
};

/** All at once: nobody has a thousand uploads open here. */
const ListMultipartUploads: S3Operation = (call, { engine }) => {
  const { bucket, parameters } = call;
  findBucket(engine, bucket);
  const encode = encoder(call);
  const prefix = parameters.get('prefix') ?? '';
  const open = uploads(engine).filter((upload) => upload.bucket === bucket && upload.key.startsWith(prefix));
  return {
    xml: [
      'ListMultipartUploadsResult',
      {
        ...{ Bucket: bucket, Prefix: encode(prefix), MaxUploads: 1_000, IsTruncated: false },
        EncodingType: parameters.get('encoding-type') ?? undefined,
        Upload: new Flat(
          open.map(({ key, uploadId, startedAt, storageClass }) => ({
            Key: encode(key),
            UploadId: uploadId,
            Initiated: new Date(startedAt),
            StorageClass: storageClass,
          })),
        ),
      },
    ],
  };
};

export const multipartOperations: Record<string, S3Operation> = {
  CreateMultipartUpload,
  UploadPart,
  CompleteMultipartUpload,
  AbortMultipartUpload,
  ListParts,
  ListMultipartUploads,
};
