// Runs one direction of one migration with the project's own knex, as knex itself would, and the SQL that
// records it in the same transaction. What to do comes as one JSON document on standard input, credentials among
// it; the answer is the line of standard output that begins with the document's token.
'use strict';
const fs = require('fs');
const path = require('path');
const { createRequire } = require('module');
const { pathToFileURL } = require('url');

class Refused extends Error {}

const order = JSON.parse(fs.readFileSync(0, 'utf8'));
const fromProject = createRequire(path.join(order.folder, 'package.json'));
const plainMessages = new WeakMap(); // of errors of the database, without the SQL that knex puts in front

function resolved(...names) {
  for (const name of names) {
    try {
      return fromProject.resolve(name);
    } catch (error) {
      if (error.code !== 'MODULE_NOT_FOUND' && error.code !== 'ERR_PACKAGE_PATH_NOT_EXPORTED') throw error;
    }
  }
  return undefined;
}

function registerTypeScript() {
  if (process.features.typescript || require.extensions['.ts']) return;
  const loader = resolved('ts-node/register/transpile-only', 'tsx/cjs', '@swc-node/register', 'esbuild-register');
  if (!loader) throw new Refused('TypeScript needs a loader in the project (ts-node, tsx): npm install --save-dev tsx');
  require(loader);
}

async function load(file) {
  if (/\.[cm]?ts$/.test(file)) registerTypeScript();
  if (!file.endsWith('.mjs')) {
    try {
      return require(file);
    } catch (error) {
      if (error.code !== 'ERR_REQUIRE_ESM') throw error;
    }
  }
  return import(pathToFileURL(file).href);
}

// As knex reads its file: an object, a function, or a default export; whole, or by environment.
async function readKnexfile() {
  if (!order.knexfile) return {};
  let config = await load(order.knexfile);
  if (config && config.default && !config.client) config = config.default;
  if (typeof config === 'function') config = await config();
  const environment = order.environment || process.env.NODE_ENV || 'development';
  if (order.environment && !config[environment] && !config.client)
    throw new Refused(`${order.knexfile} has no environment ${environment}`);
  return config[environment] || config;
}

function checkClient(client) {
  if (typeof client !== 'string') return client;
  const kinds = { postgres: ['pg', 'postgres', 'postgresql', 'pgnative', 'cockroachdb'], sqlite: ['sqlite3', 'better-sqlite3', 'sqlite'] };
  if (!kinds[order.kind].includes(client)) throw new Refused(`the knexfile is for ${client}, and the database is ${order.kind}`);
  return client;
}

async function open() {
  const entry = resolved('knex');
  if (!entry) throw new Refused(`there is no knex for ${order.folder}: npm install knex there, or say where it is with migrations: {knexfile: ...}`);
  const own = await readKnexfile();
  const usual = order.kind === 'postgres' ? 'pg' : resolved('better-sqlite3') ? 'better-sqlite3' : 'sqlite3';
  const connection = { ...order.connection };
  for (const name of ['ca', 'cert', 'key']) {
    if (connection.ssl && connection.ssl[name]) connection.ssl[name] = fs.readFileSync(connection.ssl[name], 'utf8');
  }
  if (connection.ssl && order.anyName) connection.ssl.checkServerIdentity = () => undefined;
  const config = {
    ...own, client: checkClient(own.client || own.dialect || usual), connection, asyncStackTraces: true, compileSqlOnError: false,
    pool: { ...own.pool, min: 0, max: Math.max(2, (own.pool && own.pool.max) || 2) },
  };
  if (order.kind === 'sqlite') Object.assign(config, { useNullAsDefault: own.useNullAsDefault ?? true, pool: { ...own.pool, min: 1, max: 1 } });
  const knex = require(entry);
  const database = (knex.knex || knex.default || knex)(config);
  database.on('query-error', (error, query) => {
    const prefix = `${query.sql} - `;
    plainMessages.set(error, error.message.startsWith(prefix) ? error.message.slice(prefix.length) : error.message);
  });
  return { database, own };
}

// Outside of knex's bindings a question mark stands for itself.
const raw = (connection, sql) => connection.raw(order.kind === 'postgres' ? sql.replace(/\?/g, '\\?') : sql);

async function inTransaction(database, work) {
  await database.transaction(async (transaction) => {
    for (const sql of order.before) await raw(transaction, sql);
    await work(transaction);
    for (const sql of order.record) await raw(transaction, sql);
  });
}

function placeOf(error) {
  const stack = [error.stack, error.originalStack].join('\n');
  for (const file of [order.file, fs.realpathSync(order.file)]) {
    const at = stack.indexOf(file);
    if (at < 0) continue;
    const numbers = /^:(\d+)(?::(\d+))?/.exec(stack.slice(at + file.length));
    if (numbers) return { line: Number(numbers[1]), column: Number(numbers[2] || 0) };
  }
  return { line: 0, column: 0 };
}

async function run(answer) {
  const { database, own } = await open();
  try {
    await database.raw('select 1');
    if (order.direction === 'none') return;
    answer.stage = 'load';
    const migration = await load(order.file);
    const body = migration[order.direction] || (migration.default && migration.default[order.direction]);
    const config = migration.config || (migration.default && migration.default.config) || {};
    if (typeof body !== 'function') throw new Refused(`${path.basename(order.file)} exports no function ${order.direction}`);
    answer.transactional = typeof config.transaction === 'boolean' ? config.transaction : !(own.migrations && own.migrations.disableTransactions);
    answer.stage = 'body';
    if (answer.transactional) {
      await inTransaction(database, body);
    } else {
      await body(database);
      answer.stage = 'record';
      await inTransaction(database, async () => {});
    }
  } finally {
    await database.destroy();
  }
}

async function main() {
  const answer = { ok: false, stage: 'open', transactional: true };
  try {
    await run(answer);
    answer.ok = true;
  } catch (error) {
    const thrown = error instanceof Error ? error : new Error(String(error));
    answer.refused = thrown instanceof Refused;
    answer.of_database = plainMessages.has(thrown);
    answer.name = thrown.name;
    answer.code = String(thrown.code || '');
    answer.message = answer.of_database ? plainMessages.get(thrown) : thrown.message;
    answer.where = placeOf(thrown);
    process.stderr.write(`${thrown.stack}\n`);
  }
  process.stdout.write(`\n${order.token} ${JSON.stringify(answer)}\n`, () => process.exit(answer.ok ? 0 : 1));
}

main();
