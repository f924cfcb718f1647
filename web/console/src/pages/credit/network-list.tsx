import { Label } from '../../components/page.tsx';
import { useSpeech } from '../../i18n/index.ts';
import { Cell } from './cell.tsx';
import type { NetworkAnswer } from './types.ts';

/** The network as a list: who is related to whom and how; every way that the drawing offers, by keyboard. */
export function NetworkList({
  network,
  root,
  chosen,
  onChoose,
  onWalk,
}: {
  network: Pick<NetworkAnswer, 'nodes' | 'edges'>;
  root: string;
  chosen: string | null;
  onChoose: (id: string) => void;
  onWalk: (id: string) => void;
}) {
  const { t, say } = useSpeech();
  const nodes = [...network.nodes].sort((a, b) => a.depth - b.depth);
  const edgesOf = (id: string) => network.edges.filter((edge) => edge.from === id || edge.to === id);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard (WCAG 2.1.1).
    <section className="net-list" tabIndex={0} aria-label={t('credit.network.list')}>
      <ul>
        {nodes.map((node) => (
          <li key={node.id} className={chosen === node.id ? 'chosen' : undefined}>
            <div className="row spread">
              <button
                type="button"
                className="link-button"
                aria-pressed={chosen === node.id}
                onClick={() => onChoose(node.id)}
              >
                <Cell cell={{ value: node.label.value, shown: node.label.shown }} />
              </button>
              <span className="row" style={{ gap: 6 }}>
                <Label tone={node.kind === 'person' ? 'weft' : node.kind === 'enterprise' ? 'primary' : undefined}>
                  {t(`credit.network.kind.${node.kind}`)}
                </Label>
                {node.walkable && !node.complete && node.id !== root ? (
                  <button type="button" className="link-button small" onClick={() => onWalk(node.id)}>
                    {t('credit.network.walk')}
                  </button>
                ) : null}
              </span>
            </div>
            <div className="small quiet">
              {[...new Set(edgesOf(node.id).map((edge) => edge.position ?? say(edge.title)))].slice(0, 6).join(' · ')}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
