// Reads Graph sign-ins as NDJSON with DuckDB's read_json (explicit columns, into a table) and prints the seconds.
//   npm install @duckdb/node-api && node duckdb.mjs signins.ndjson [threads]
import { DuckDBInstance } from '@duckdb/node-api';
import { rmSync } from 'node:fs';

const [file, threads = '2'] = process.argv.slice(2);
const store = `${file}.duckdb`;
rmSync(store, { force: true });
const instance = await DuckDBInstance.create(store, { threads });
const connection = await instance.connect();
const columns = `{
  id: 'VARCHAR', createdDateTime: 'VARCHAR', userId: 'VARCHAR', userPrincipalName: 'VARCHAR', userDisplayName: 'VARCHAR',
  appDisplayName: 'VARCHAR', appId: 'VARCHAR', ipAddress: 'VARCHAR', clientAppUsed: 'VARCHAR', userAgent: 'VARCHAR',
  correlationId: 'VARCHAR', isInteractive: 'BOOLEAN', resourceDisplayName: 'VARCHAR', conditionalAccessStatus: 'VARCHAR',
  riskLevelDuringSignIn: 'VARCHAR', riskLevelAggregated: 'VARCHAR', riskState: 'VARCHAR', riskDetail: 'VARCHAR',
  authenticationRequirement: 'VARCHAR', autonomousSystemNumber: 'BIGINT',
  status: 'STRUCT(errorCode INTEGER, failureReason VARCHAR, additionalDetails VARCHAR)',
  deviceDetail: 'STRUCT(deviceId VARCHAR, displayName VARCHAR, operatingSystem VARCHAR, browser VARCHAR)',
  location: 'STRUCT(city VARCHAR, state VARCHAR, countryOrRegion VARCHAR, geoCoordinates STRUCT(latitude DOUBLE, longitude DOUBLE))'
}`;
const begun = process.hrtime.bigint();
await connection.run(
  `CREATE TABLE signins AS SELECT * FROM read_json('${file}', format = 'newline_delimited', columns = ${columns})`);
await connection.run('CHECKPOINT');
const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
const reader = await connection.runAndReadAll('SELECT count(*) FROM signins');
console.log(JSON.stringify({ rows: Number(reader.getRows()[0][0]), seconds }));
rmSync(store, { force: true });
