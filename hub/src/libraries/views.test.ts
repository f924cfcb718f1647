import { expect, test } from 'vitest';
import { catalogueTables } from '../catalogue/index.ts';
import { openDuckDbLake } from '../platform/lake/index.ts';
import { refineryTables, refineryViews } from '../refinery/index.ts';
import { libraryTables } from './tables.ts';
import { libraryViews } from './views.ts';

/** The columns that later rooms are written against, in order. */
const contract: Record<string, string> = {
  legal_person_v1:
    'entity,name,uscc,orgcode,regno,kind,status,legal_representative,legal_representative_id,capital,currency,established,closed,address,division,industry,scope,phone,authority,employees,facts,sources,contradictions,quality,first_run,last_run,recorded_at',
  legal_person_alias_v1: 'entity,name,kind,first_seen,last_seen,fact',
  legal_person_fact_v1: 'entity,class,day,fact,record,amount,payload,run,row',
  legal_person_fact_all_v1: 'entity,class,day,fact,record,amount,payload,run,row,closed_run,closed_by,closed_reason',
  legal_person_relation_v1:
    'entity,kind,person_name,person_token,other_entity,other_name,position,amount,share,valid_from,valid_to,class,fact',
  legal_person_contradiction_v1: 'entity,attribute,value,class,rank,day,fact,chosen',
  legal_person_history_v1: 'entity,attribute,value,valid_from,valid_to,recorded_at,superseded_at,class,fact',
  quality_v1: 'source,class,run,field,dimension,rule,a,b',
};

test('the published views have the columns of the contract and can be defined twice', async () => {
  const lake = await openDuckDbLake({ path: ':memory:', threads: 1 });
  const all = [...catalogueTables, ...refineryTables, ...refineryViews, ...libraryTables, ...libraryViews];
  await lake.define(all);
  await lake.define(all);
  for (const [view, columns] of Object.entries(contract)) {
    const rows = await lake.query<{ column_name: string }>(`DESCRIBE SELECT * FROM v.${view}`);
    expect(rows.map((r) => r.column_name).join(','), view).toBe(columns);
  }
  await lake.close();
});
