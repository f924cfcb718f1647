/** The engine's plan as a tree: what is done with how many rows expected. */
import type { Answer } from '../../api/client.ts';
import { useSpeech } from '../../i18n/index.ts';

type Node = Answer<'/api/v1/workbench/plan', 'post'>['plan'][number];

export function PlanTree({ plan, views }: { plan: readonly Node[]; views: readonly string[] }) {
  const { t } = useSpeech();
  return (
    <div className="stack-s">
      <p className="small quiet">{t('workbench.plan-of', { views: views.map((v) => `v.${v}`).join(', ') || '—' })}</p>
      <ul className="wb-plan">
        {plan.map((node, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: steps have no identity but their place.
          <Step key={i} node={node} />
        ))}
      </ul>
    </div>
  );
}

function Step({ node }: { node: Node }) {
  const { t } = useSpeech();
  const known = `workbench.step.${node.name}`;
  const said = t(known);
  return (
    <li>
      <p>
        <span className="strong">{said === known ? node.name : said}</span>{' '}
        <code className="small quiet">{node.name}</code>
        {node.join ? <span className="small"> {node.join}</span> : null}
        {node.table ? <code className="small"> {node.table}</code> : null}
        {node.rows === null ? null : (
          <span className="small quiet"> {t('workbench.expected', { n: node.rows.toLocaleString('en-US') })}</span>
        )}
      </p>
      {node.children.length ? (
        <ul>
          {node.children.map((child, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: steps have no identity but their place.
            <Step key={i} node={child} />
          ))}
        </ul>
      ) : null}
    </li>
  );
}
