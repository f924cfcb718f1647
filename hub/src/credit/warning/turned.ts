/** Early warnings when store and lake were found of different moments: rules remember in the lake on what they last stood. */
import type { Deps, TurnStep } from '../../platform/room.ts';

/** Every rule is run again: a warning that the store does not have is found again. */
export async function warningsTurned({ lake }: Pick<Deps, 'lake'>): Promise<TurnStep[]> {
  const rules = await lake.query('SELECT rule FROM cs.rule_basis');
  await lake.write('credit-warning', (s) => s.run('DELETE FROM cs.rule_basis'));
  return [
    {
      ...{ id: 'rules', count: rules.length, left: false },
      text: {
        zh: '信用预警规则全部重新计算，业务库中没有的预警会再次发现',
        en: 'all rules of early warning are run again: warnings that the store does not have are found again',
      },
    },
  ];
}
