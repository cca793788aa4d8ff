# Calls a function's handler once, as Lambda's Ruby runtimes do.
#
# The first argument is the folder of the call: call.json and event are read
# there; output or failure is left there, and loaded once the code is loaded.
require 'json'

FOLDER = ARGV[0]

# Writes a file that is whole when it has its name.
def leave_file(name, data)
  path = File.join(FOLDER, name)
  File.binwrite(path + '.part', data)
  File.rename(path + '.part', path)
end

# Leaves the result and ends before the function can do anything else.
def end_with(name, data)
  leave_file(name, data)
  $stdout.flush
  $stderr.flush
  exit!(0)
end

def fail_with(type, message, trace = [])
  document = { 'errorType' => type, 'errorMessage' => message, 'stackTrace' => trace }
  end_with('failure', JSON.generate(document))
end

def trace(error)
  (error.backtrace || []).reject { |line| line.start_with?(__FILE__) }
end

# What Lambda tells a function.
class Context
  attr_reader :function_name, :function_version, :memory_limit_in_mb, :aws_request_id

  def initialize(call)
    @function_name = call['name']
    @function_version = '$LATEST'
    @memory_limit_in_mb = call['memory'].to_s
    @aws_request_id = call['request_id']
    @deadline = Time.now.to_f * 1000 + call['timeout']
  end

  def get_remaining_time_in_millis
    [0, (@deadline - Time.now.to_f * 1000).to_i].max
  end
end

call = JSON.parse(File.read(File.join(FOLDER, 'call.json'), encoding: 'UTF-8'))
begin
  event = JSON.parse(File.read(File.join(FOLDER, 'event'), encoding: 'UTF-8'))
rescue JSON::ParserError => e
  fail_with('Runtime.UnmarshalError', e.message)
end
file, *rest = call['handler'].split('.')
owner, method = rest.length == 2 ? rest : [nil, rest[0]]
fail_with('Runtime.MalformedHandlerName', "Bad handler #{call['handler']}") unless method && rest.length <= 2
# What is installed on this machine beside Ruby itself is not in the cloud.
$LOAD_PATH.reject! { |path| path.start_with?(RbConfig::CONFIG['sitedir']) }
begin
  require File.join(call['task'], file)
rescue LoadError, StandardError, SyntaxError => e
  fail_with("Init<#{e.class}>", e.message, trace(e))
end
leave_file('loaded', '')
begin
  target = owner ? Object.const_get(owner) : self
  result = target.send(method, event: event, context: Context.new(call))
  output = JSON.generate(result)
rescue StandardError => e
  fail_with("Function<#{e.class}>", e.message, trace(e))
end
end_with('output', output)
