package lambda

// currentRuntimes are those that Lambda's messages name; retiredRuntimes are
// accepted all the same. From the recorded answers of the service and the
// Runtime enumeration of its API model (service/lambda v1.114.2).
func currentRuntimes() []string {
	return []string{"nodejs20.x", "python3.14", "provided.al2023", "python3.12", "python3.13", "nodejs24.x", "nodejs22.x",
		"java25", "python3.10", "python3.11", "java21", "ruby3.3", "ruby3.4", "ruby3.2", "python3.8", "python3.9", "java17",
		"nodejs16.x", "dotnet10", "dotnet8", "java11", "dotnet6", "nodejs18.x", "provided.al2", "java8.al2",
		"nodejs26.x", "python3.15", "ruby4.0", "java8.al2023", "java11.al2023", "java17.al2023"}
}

func retiredRuntimes() []string {
	return []string{"nodejs", "nodejs4.3", "nodejs4.3-edge", "nodejs6.10", "nodejs8.10", "nodejs10.x", "nodejs12.x",
		"nodejs14.x", "java8", "python2.7", "python3.6", "python3.7", "dotnetcore1.0", "dotnetcore2.0", "dotnetcore2.1",
		"dotnetcore3.1", "go1.x", "ruby2.5", "ruby2.7", "provided"}
}

func architectures() []string { return []string{"x86_64", "arm64"} }
