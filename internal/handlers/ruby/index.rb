# Requires what smoke.json names and reports on it.
require 'json'

def version(name)
  spec = Gem.loaded_specs[name] || Gem.loaded_specs[name.split('/').first]
  spec ? spec.version.to_s : ''
end

def handler(event:, context:)
  imports = {}
  failed = {}
  settings = JSON.parse(File.read(File.join(__dir__, 'smoke.json')))
  settings['imports'].each do |name|
    begin
      require name
      imports[name] = version(name)
    rescue LoadError, StandardError, SyntaxError => error
      failed[name] = "#{error.class}: #{error.message}"
    end
  end
  { ok: failed.empty?, imports: imports, failed: failed }
end
