/** The mark of Jingwei: warp threads (经) crossing weft threads (纬), each going over and under in turn. */
export function Mark({ size = 26 }: { size?: number }) {
  return (
    <svg className="mark" width={size} height={size} viewBox="0 0 32 32" fill="none" strokeWidth="3" aria-hidden="true">
      <path className="warp" d="M8 2v11.4M8 18.6V30M16 2v3.4M16 10.6v10.8M16 26.6V30M24 2v11.4M24 18.6V30" />
      <path className="weft" d="M2 8h3.4M10.6 8h10.8M26.6 8H30M2 16h11.4M18.6 16H30M2 24h3.4M10.6 24h10.8M26.6 24H30" />
    </svg>
  );
}
