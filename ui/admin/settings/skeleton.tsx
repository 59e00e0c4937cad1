import { words } from "../words/index.ts";

export function SettingsSkeleton() {
  return (
    <div role="status" aria-label={words.list.loading} className="border-t border-line">
      {[0, 1].map((at) => (
        <div key={at} className="flex flex-col gap-1.5 border-b border-line py-3">
          <span className="skeleton h-4 w-48" />
          <span className="skeleton h-4 w-80 max-w-full" />
        </div>
      ))}
    </div>
  );
}
