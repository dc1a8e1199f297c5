import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '../dependencies/aws.mjs';

/** A log stream that takes JSON lines; each line also goes to standard output, for the journal. */
export async function openLog(logGroupName, logStreamName, common) {
  const logs = new CloudWatchLogsClient({});
  await unlessThere(logs.send(new CreateLogGroupCommand({ logGroupName })));
  await unlessThere(logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName })));
  const write = async (level, message, more) => {
    const line = JSON.stringify({ level, message, ...common, ...more });
    console.log(line);
    const logEvents = [{ timestamp: Date.now(), message: line }];
    await logs.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
  };
  return {
    info: (message, more) => write('info', message, more),
    error: (message, more) => write('error', message, more),
  };
}

async function unlessThere(creation) {
  try {
    await creation;
  } catch (error) {
    if (error.name !== 'ResourceAlreadyExistsException') throw error;
  }
}
